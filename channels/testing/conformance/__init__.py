"""The suite that every channel passes, the same for built-in channels and for a stranger's.

Ten points are for all, two more for networks that correct and take back.

A channel's test module subclasses :class:`Conformance` and says little more than which channel it is::

    from channels.testing.conformance import Conformance

    class TestMastodon(Conformance):
        channel = Mastodon
        golden = Path(__file__).parent / "golden" / "mastodon"

What a channel can do is seen from its abilities and traits; points that ask for more than that are skipped with the
reason. Whatever differs otherwise (how its simulator is made, what can go wrong on its wire) is overridden in the
subclass; see the attributes and methods of :class:`~channels.testing.conformance.harness.Harness`.

The points are those of the project's design, and each test's name begins with its number.
"""

from __future__ import annotations

from channels.testing.conformance.afterwards import Afterwards
from channels.testing.conformance.cases import BAD_ANSWERS, HTTP_CASES, Case
from channels.testing.conformance.failing import Failing
from channels.testing.conformance.harness import LANGUAGES, NOW, HandedClock
from channels.testing.conformance.publishing import Publishing

__all__ = ["BAD_ANSWERS", "HTTP_CASES", "LANGUAGES", "NOW", "Case", "Conformance", "HandedClock"]


class Conformance(Publishing, Failing, Afterwards):
    """The points. Subclass it under a name that pytest collects, and set at least ``channel``."""

    __test__ = False
