"""What of an activity's files is shape, and goes along to another place: no days, no money, no results, no members.

One pure function for each kind of file, in one table. A file whose kind stands in no row is not copied, and that is
said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pipeline.content.check.untranslated import MARK


@dataclass(frozen=True)
class There:
    """The other place: its programme's name, its languages (the first is the source), its time zone, its country."""

    name: str
    languages: tuple[str, ...]
    zone: str
    country: str
    helpline: str
    """The entry of its registry that it begins with."""

    def words(self, texts: Any) -> dict[str, str]:
        """Return a text in the languages of the place; in its first one, marked, where none of them is there."""
        if not isinstance(texts, dict) or not texts:
            return {}
        kept = {language: texts[language] for language in self.languages if language in texts}
        return kept or {self.languages[0]: f"{MARK} {texts.get('en') or next(iter(texts.values()))}"}

    def every(self, texts: Any) -> dict[str, str]:
        """Return a text in every language of the place, marked where it is not there: for what has to be complete."""
        if not isinstance(texts, dict) or not texts:
            return {}
        other = f"{MARK} {texts.get('en') or next(iter(texts.values()))}"
        return {language: texts.get(language, other) for language in self.languages}


Data = Mapping[str, Any]
ShapeOf = Callable[[Data, There], dict[str, Any]]


@dataclass(frozen=True)
class Shape:
    """One kind of file.

    :param pattern: its path in the plan's folder, with ``*`` for any name.
    :param of: returns what of its data is shape; empty when nothing is, and the file is then left behind.
    :param empty: what is left out, for a person.
    """

    pattern: str
    of: ShapeOf
    empty: str


def of_plan(data: Data, there: There) -> dict[str, Any]:
    """Return a work plan without days, counts, money, results and sources."""
    activities = {}
    for name, one in data["activities"].items():
        kept = {key: one[key] for key in ("sort", "owner", "after") if key in one}
        texts = {key: there.words(one[key]) for key in ("title", "does", "audience") if one.get(key)}
        activities[name] = {"sort": kept.pop("sort"), **texts, **kept}
    return {
        "title": dict.fromkeys(there.languages, there.name),
        "summary": there.words(data["summary"]),
        "timezone": there.zone,
        "currency": data["currency"],
        "roles": {name: there.words(texts) for name, texts in data["roles"].items()},
        "activities": activities,
    }


def of_network(data: Data, there: There) -> dict[str, Any]:
    """Return a network without members, meetings and actions; its pathway without numbers, and not reviewed.

    It is not public: its texts may still speak of the place that they come from.
    """
    steps = data.get("pathway", {}).get("steps", {})
    return {
        "title": there.words(data["title"]),
        "summary": there.words(data["summary"]),
        "activity": data["activity"],
        "public": False,
        "members": {},
        "meetings": [],
        "actions": {},
        "pathway": {
            "version": 1,
            "steps": {
                name: {"who": there.words(step["who"]), "does": there.words(step["does"])}
                for name, step in steps.items()
            },
        },
    }


def of_training(data: Data, there: There) -> dict[str, Any]:
    """Return a session without days, place, seats and materials; who was there is never in its file."""
    texts = {key: there.words(data[key]) for key in ("title", "topic", "audience") if data.get(key)}
    return {
        "activity": data["activity"],
        **texts,
        **{key: data[key] for key in ("group", "trainers", "on_site") if key in data},
    }


def of_advocacy(data: Data, there: There) -> dict[str, Any]:
    """Return the asks, open and not public; offices, positions, events and letters are the other place's own."""
    asks = {
        name: {"what": there.words(ask["what"]), "why": there.words(ask["why"])}
        for name, ask in data.get("asks", {}).items()
    }
    return {"activity": data["activity"], "asks": asks}


def of_evaluation(data: Data, there: There) -> dict[str, Any]:
    """Return the questions that activities and tests answer, as the report's one section.

    Documents, figures, studies and the sections of a funder are the other place's own.
    """
    questions = {}
    for name, one in data["questions"].items():
        kept = [source for source in one.get("data", []) if set(source) in ({"activity"}, {"tests"})]
        if kept:
            questions[name] = {"asks": there.words(one["asks"]), "data": kept}
    section = {"title": there.words(_QUESTIONS), "shows": "questions"}
    return {"questions": questions, "sections": {"questions": section}} if questions else {}


_QUESTIONS = {"en": "Evaluation questions", "ro": "Întrebări de evaluare", "pt": "Perguntas de avaliação"}


def of_centre(data: Data, there: There) -> dict[str, Any]:
    """Return a centre's channels and kinds of caller; hours, closures, languages and helpline are another's own."""
    callers = {name: there.words(texts) for name, texts in data.get("callers", {}).items()}
    return {
        "activity": data["activity"],
        "title": there.words(data["title"]),
        "does": there.words(data["does"]),
        "timezone": there.zone,
        **({"channels": list(data["channels"])} if data.get("channels") else {}),
        **({"callers": callers} if callers else {}),
    }


def of_referral(data: Data, there: There) -> dict[str, Any]:
    """Return what is counted of a mechanism: its stages and lists. Bulletin and release are the other place's own.

    Its name is not taken along: the other country's mechanism has another, and perhaps other stages.
    """
    lists = {
        key: {name: there.words(texts) for name, texts in data[key].items()}
        for key in ("stages", "sources", "forms", "sexes", "ages")
        if data.get(key)
    }
    return {
        "activity": data["activity"],
        "title": there.words(data["title"]),
        "country": there.country,
        "mechanism": there.words(_MECHANISM),
        "stages": lists.pop("stages"),
        "median_to": data["median_to"],
        **lists,
    }


_MECHANISM = {"en": "Referral mechanism", "ro": "Mecanism de referire", "pt": "Mecanismo de referenciação"}


def of_test(data: Data, there: There) -> dict[str, Any]:
    """Return a test with its questions and answers; where an answer is written is for the other place to look up."""
    items = {
        name: {
            "asks": there.every(item["asks"]),
            "answers": {letter: there.every(text) for letter, text in item["answers"].items()},
            "right": item["right"],
            **({"points": item["points"]} if "points" in item else {}),
        }
        for name, item in data["items"].items()
    }
    return {"title": there.every(data["title"]), "sessions": list(data["sessions"]), "items": items}


def of_study(data: Data, there: There) -> dict[str, Any]:
    """Return a study's notice, blocks, waves and what is shown of it, in every language of the place.

    Days, ways of asking, samples, weights, columns of exports and the release are the other place's own. The notice
    names the helpline that the place's registry begins with.
    """

    def listed(one: Data) -> dict[str, Any]:
        return {"title": there.every(one["title"]), "questions": list(one["questions"])}

    notice = there.every({language: one["text"] for language, one in data["notice"].items()})
    return {
        **({"activity": data["activity"]} if "activity" in data else {}),
        "title": there.every(data["title"]),
        "summary": there.every(data["summary"]),
        "languages": list(there.languages),
        "form": data.get("form", "form.xlsx"),
        "notice": {language: {"helpline": there.helpline, "text": text} for language, text in notice.items()},
        "blocks": {name: listed(one) for name, one in data["blocks"].items()},
        "waves": {name: {"title": there.every(one["title"])} for name, one in data["waves"].items()},
        **({"apart": list(data["apart"])} if data.get("apart") else {}),
        "results": {
            name: {
                **listed(one),
                **({"counts": list(one["counts"]), "says": there.every(one["says"])} if one.get("counts") else {}),
            }
            for name, one in data["results"].items()
        },
    }


SHAPES: Sequence[Shape] = (
    Shape("programme.yml", of_plan, "days, counts, costs, milestones, results, sources"),
    Shape("trainings/*.md", of_training, "days, places, seats, materials and text"),
    Shape("advocacy/advocacy.yml", of_advocacy, "offices, positions, events, letters, evidence"),
    Shape("evaluation.yml", of_evaluation, "texts, limits, indicators, and questions that no activity answers"),
    Shape("centre.yml", of_centre, "helpline, hours, closures, languages, notes, sources"),
    Shape("referral.yml", of_referral, "mechanism's name, bulletin, release, notes, sources"),
    Shape("study/study.yml", of_study, "population, days, samples, weights, exports, results"),
    Shape("tests/*.yml", of_test, "sources: look each answer up again"),
    Shape("networks/*/network.yml", of_network, "members, meetings, actions, numbers, reviews"),
)
"""Every kind of file that goes along."""


def shape_of(path: str) -> Shape | None:
    """Return the row of the table for a file of a plan's folder, or ``None`` where it is not copied."""
    depth = path.count("/")
    return next((one for one in SHAPES if fnmatchcase(path, one.pattern) and one.pattern.count("/") == depth), None)
