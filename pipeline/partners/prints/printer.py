"""Makes cards and prints, and remembers them by everything that went into them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipeline.model import Message
from pipeline.partners.prints.kinds import Brand, Print, PrintKind
from pipeline.website.public import Public


class Printer:
    """Makes the prints of messages, with what of the project may be public.

    :param cache: the folder in which prints are kept, named by what went into them; it can be deleted at any time.
    """

    def __init__(self, public: Public, cache: Path) -> None:
        self._public = public
        self._cache = cache

    def make(
        self,
        message: Message,
        language: str,
        kinds: Iterable[PrintKind] = tuple(PrintKind),
        brand: Brand | None = None,
    ) -> list[Print]:
        """Return the prints of a message in a language, in the order of ``kinds``."""
        raise NotImplementedError
