"""One message under the checks, with what they have to know of its campaign and of the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pipeline.content.check.language import speech
from pipeline.content.check.numbers import Context, Kind, Number, digits, numbers
from pipeline.content.check.pictures import Drawing, drawing
from pipeline.content.check.reading import Reading, read, read_sheet
from pipeline.content.check.rules import Place
from pipeline.content.check.terms import Terms
from pipeline.model import Campaign, Helpline, Message


@dataclass(frozen=True)
class Registry:
    """The registry of helplines as the checks ask it."""

    helplines: Mapping[str, Helpline]

    @cached_property
    def by_digits(self) -> dict[str, str]:
        """The id of the helpline for each way to dial it; ``+`` stands before international numbers."""
        found: dict[str, str] = {}
        for helpline in self.helplines.values():
            for number in (helpline.number, helpline.e164 or ""):
                dialled = ("+" if number.startswith("+") else "") + digits(number)
                for way in (dialled, dialled.replace("+", "00")):
                    if len(way) > 2:
                        found.setdefault(way, helpline.id)
        return found

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The countries of the helplines, whose number plans are asked what is a telephone number."""
        return tuple(sorted({helpline.country for helpline in self.helplines.values()}))

    @cached_property
    def registered(self) -> frozenset[str]:
        """All ways to dial, for quick asking."""
        return frozenset(self.by_digits)


@dataclass
class Subject:
    """A message under the checks. What is found out on the way is kept, so that no check does it again."""

    message: Message
    campaign: Campaign
    registry: Registry
    terms: Terms
    root: Path
    carried: dict[tuple[str, str], Place] = field(default_factory=dict)
    """Where each file first carries each helpline; whether they may be published depends on the day."""
    linked: list[tuple[str, Place]] = field(default_factory=list)
    """Files of the project to which the message links, with ``#`` and the anchor."""
    external: list[tuple[str, Place]] = field(default_factory=list)
    """Addresses outside to which the message links."""

    def carries(self, helpline: str, place: Place) -> None:
        """Note that a helpline's number stands at ``place``."""
        self.carried.setdefault((helpline, place.path), place)

    @property
    def used(self) -> list[tuple[str, Place]]:
        """The helplines that the message's files carry, each file once."""
        return [(helpline, place) for (helpline, _), place in self.carried.items()]

    @cached_property
    def readings(self) -> dict[str, Reading]:
        """The texts by language."""
        return {language: read(translation) for language, translation in self.message.translations.items()}

    @cached_property
    def numbers(self) -> dict[str, list[Number]]:
        """All numbers of the texts by language."""
        return {language: self.numbers_in(reading) for language, reading in self.readings.items()}

    @cached_property
    def sheets(self) -> dict[str, tuple[Reading, list[Number]]]:
        """The kit sheets and their numbers by language."""
        read_sheets = {language: read_sheet(sheet) for language, sheet in self.message.sheets.items()}
        return {language: (reading, self.numbers_in(reading)) for language, reading in read_sheets.items()}

    @property
    def everything(self) -> Iterator[tuple[Reading, list[Number]]]:
        """All that is published of the message, its kit sheets included, with the numbers in it."""
        for language, reading in self.readings.items():
            yield reading, self.numbers[language]
        yield from self.sheets.values()

    def numbers_in(self, reading: Reading) -> list[Number]:
        """Return the numbers of a text."""
        context = Context(speech(reading.language), self.registry.regions, self.registry.registered)
        return list(numbers(reading, context))

    def phones_in(self, reading: Reading) -> list[Number]:
        """Return the telephone numbers of a text."""
        return [number for number in self.numbers_in(reading) if number.kind is Kind.PHONE]

    @cached_property
    def drawing(self) -> Drawing:
        """What was found in the message's picture."""
        return drawing(self.root, self.message)
