"""The kit of a training session: agenda, attendance sheets, test, what is handed out, put together in one ZIP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.app import trained
from pipeline.app.activities import tests
from pipeline.app.atomic import replace_file
from pipeline.app.house import House
from pipeline.app.kits import Shelf, Shelved
from pipeline.app.programme import trainings, work_plans
from pipeline.app.trained import NotPossible
from pipeline.model import Problem
from pipeline.partners.kits.pack import pack, repack
from pipeline.programme import session_kit
from pipeline.programme.knowledge_tests import KnowledgeTest, Wave
from pipeline.programme.session_kit import Present
from pipeline.programme.trainings import Training
from pipeline.programme.work_plan import WorkPlan
from pipeline.settings import ProblemsFound
from pipeline.store import Seat
from pipeline.website.words import Words, read_words

_TESTS = "site/words/tests"


@dataclass(frozen=True)
class Made:
    """What was written: the paths in the ZIP, and what is not in it, each with its language."""

    files: tuple[str, ...]
    lacking: tuple[str, ...]


def write(house: House, one: Training, path: Path, *, names: bool = False) -> Made:
    """Write the kit of a session.

    :param names: print those who are confirmed on the sheets. Needs the key, and a file outside the project.
    :raises NotPossible: when the session was called off, or there is no kit in any of its languages.
    :raises NoKey: when names are asked for without the key.
    :raises ProblemsFound: when something that people wrote has to be mended first.
    """
    if one.head.cancelled_on:
        raise NotPossible(f"{one.name} was called off on {one.head.cancelled_on}; there is nothing to hold it with.")
    if names and path.resolve().is_relative_to(house.root.resolve()):
        raise NotPossible("a kit with names does not go into the project; write it somewhere else.")
    spoken = session_kit.languages(one, house.settings.programme.languages)
    if not spoken:
        raise NotPossible(f"{one.path} has none of the programme's languages; write 'languages'.")
    people = _confirmed(house, one) if names else []
    problems: list[Problem] = []
    words = read_words(house.root, house.settings.programme.languages, problems, session_kit.WORDS)
    said = read_words(house.root, house.settings.programme.languages, problems, _TESTS)
    plans = work_plans(house)
    test = tests(house, problems, plans, trainings(house)).get(one.name)
    if problems:
        raise ProblemsFound(problems)
    shelf = Shelf(house)
    files: dict[str, bytes] = {}
    lacking: list[str] = []
    for language in spoken:
        maker = _Maker(house, one, plans[one.plan], words[language], people, shelf)
        made = maker.papers() | _test(house, one, test, said[language])
        missing = list(maker.lacking)
        if test and language not in test.languages:
            missing.append(words[language]["no_test"])
        text = session_kit.read_me(one, words[language], sorted(made), missing, names=names)
        made["read-me.txt"] = text.encode()
        files |= {f"{language}/{name}": data for name, data in made.items()}
        lacking += [f"{language}: {what}" for what in missing]
    files["LICENCE.txt"] = "".join(f"{words[language]['licence']}\n" for language in spoken).encode()
    data = pack(files, session_kit.dated(one))
    path.parent.mkdir(parents=True, exist_ok=True)
    if names:
        # Nobody else on this machine reads it, from the first byte on.
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(data)
    else:
        replace_file(path, data)
    shelf.save()
    return Made(tuple(sorted(files)), tuple(lacking))


def _confirmed(house: House, one: Training) -> list[Present]:
    rows = house.store.trainings.nominations((one.plan, one.id))
    there = [row.person for row in rows if row.state is Seat.CONFIRMED]
    found = trained.opened(house, trained.vault(house), there)
    return sorted((Present(each.name, each.institution) for each in found.values()), key=lambda each: each.name)


def _test(house: House, one: Training, test: KnowledgeTest | None, words: Words) -> dict[str, bytes]:
    """Return the sheets of a test by name; the right answers are the trainer's and are in no kit."""
    from pipeline.programme import sheets  # noqa: PLC0415  (python-docx is slow to load)
    from pipeline.programme.final_files import as_docx  # noqa: PLC0415

    if test is None or words.language not in test.languages:
        return {}
    day, author = session_kit.dated(one), house.settings.programme.name
    made = {wave: sheets.sheet(test, wave, words, author=author, made_on=day) for wave in Wave}
    return {f"test-{wave.value}.docx": repack(as_docx(report), day) for wave, report in made.items()}


class _Maker:
    """Makes the papers of a session in one language, and remembers what could not be made."""

    def __init__(
        self, house: House, one: Training, plan: WorkPlan, words: Words, people: list[Present], shelf: Shelf
    ) -> None:
        self._one, self._plan, self._words, self._people, self._shelf = one, plan, words, people, shelf
        self._author = house.settings.programme.name
        self.lacking: list[str] = []

    def papers(self) -> dict[str, bytes]:
        """Return agenda, attendance sheets and what is handed out, by name."""
        from pipeline.programme.final_files import as_docx  # noqa: PLC0415  (python-docx is slow to load)

        one, words, day = self._one, self._words, session_kit.dated(self._one)
        handed = {kit.manifest.kit: kit.path.read_bytes() for kit in self._handed_out()}
        names = {kit: f"materials/{kit.replace('/', '-')}.zip" for kit in handed}
        agenda = session_kit.agenda(one, self._plan, words, names.values(), author=self._author)
        files = {"agenda.docx": repack(as_docx(agenda), day)}
        for half_day in session_kit.ordered(one):
            sheet = session_kit.attendance(one, half_day, words, self._people, author=self._author)
            when = half_day.label.replace(" ", "-").replace(":", "")
            files[f"attendance-{when}.docx"] = repack(as_docx(sheet), day)
        if not one.head.half_days:
            self.lacking.append(words["no_sheets"])
        return files | {names[kit]: data for kit, data in handed.items()}

    def _handed_out(self) -> Iterator[Shelved]:
        shelf, language = self._shelf, self._words.language
        messages = {f"{each.campaign}/{each.id}": each for each, spoken in shelf.messages() if spoken == language}
        campaigns = {each.id: each for each, spoken in shelf.campaigns() if spoken == language}
        for material in dict.fromkeys(self._one.head.materials):
            if material in campaigns:
                yield shelf.of_campaign(campaigns[material], language)
            elif material in messages and not shelf.public.recalled(messages[material]):
                yield shelf.of_message(messages[material], language)
            else:
                self.lacking.append(self._words["no_kit"].format(material=material))
