"""The pages for professionals about training sessions: a list for each programme, a page for each session.

They say when, where, for whom, and how an institution nominates. Nobody who is trained or trains stands on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import get_timezone_location

from pipeline.programme.on_site.plans import Place
from pipeline.programme.trainings import Training
from pipeline.programme.work_plan import WorkPlan
from pipeline.website import addresses, markup
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Page
from pipeline.website.words import Words
from pipeline.website.written import resolve


@dataclass(frozen=True)
class Sessions:
    """The sessions of the plans by ``plan/session``, as they are at ``now`` (aware)."""

    known: Mapping[str, Training]
    now: datetime

    def of(self, plan: str, language: str, activity: str | None = None) -> list[Training]:
        """Return the sessions of a plan that have a title in a language: to come, to be announced, past."""
        mine = [
            one
            for one in self.known.values()
            if one.plan == plan
            and one.head.on_site
            and language in one.head.title
            and activity in {None, one.head.activity}
        ]
        return sorted(mine, key=lambda one: (self.past(one), one.starts is None, str(one.starts), one.id))

    def past(self, one: Training) -> bool:
        """Whether a session is over."""
        return one.ends is not None and one.ends <= self.now


def pages(
    shown: Shell, plans: Mapping[str, WorkPlan], sessions: Sessions, words: Mapping[str, Words]
) -> Iterator[Page]:
    """Yield the list of each plan that has sessions, and the page of each session, in every language of its title."""
    for name, plan in plans.items():
        there = [one for one in shown.programme_languages if one in plan.title and sessions.of(name, one)]
        for language in there:
            yield _list(shown, plan, sessions, words[language], there)
            for one in sessions.of(name, language):
                activity = plan.activities[one.head.activity]
                if language in activity.title:
                    yield _session(shown, plan, one, sessions, words[language])


def part(sessions: Sessions) -> Callable[[Shell, Place], str]:
    """Return what lists an activity's sessions on its page."""

    def listed(shown: Shell, place: Place) -> str:
        found = sessions.of(place.plan.id, place.language, place.activity)
        if not found:
            return ""
        return shown.parts.render(
            "sessions",
            place.here,
            words=place.words,
            rows=[_row(one, sessions, place.words) for one in found],
            every=addresses.trainings(place.language, place.plan.id),
        )

    return listed


def _list(shown: Shell, plan: WorkPlan, sessions: Sessions, words: Words, there: Sequence[str]) -> Page:
    language = words.language
    here = addresses.trainings(language, plan.id)
    found = [one for one in sessions.of(plan.id, language) if language in plan.activities[one.head.activity].title]
    ahead = [one for one in found if not sessions.past(one)]
    past = [one for one in found if sessions.past(one)]
    title = words["sessions_of"].format(programme=plan.title[language])
    text = shown.parts.render(
        "trainings",
        here,
        words=words,
        plan=plan,
        up=addresses.programme(language, plan.id),
        title=title,
        ahead=[_row(one, sessions, words) for one in ahead],
        past=[_row(one, sessions, words) for one in past],
        contact=shown.public.settings.site.contact,
    )
    meta = shown.meta(
        language,
        here,
        title=title,
        description=words["sessions_summary"],
        kind="trainings",
        section="about",
        others={other: addresses.trainings(other, plan.id) for other in there},
        translated=list(there),
    )
    return Page(f"{here}index.md", block(text), meta, tuple(one.path for one in found))


def _row(one: Training, sessions: Sessions, words: Words) -> dict[str, object]:
    head = one.head
    return {
        "title": head.title[words.language],
        "topic": head.topic.get(words.language, ""),
        "when": _when(one, words),
        "where": head.place.get(words.language, ""),
        "count": head.count,
        "past": sessions.past(one),
        "url": addresses.training(words.language, one.plan, head.activity, one.id),
    }


def _when(one: Training, words: Words) -> str:
    if one.head.cancelled_on:
        return words["cancelled_on"].format(date=words.day(one.head.cancelled_on))
    if one.starts is None or one.ends is None:
        return words["to_be_announced"]
    first, last = one.starts.date(), one.ends.date()
    if first == last:
        return words.day(first)
    return words["from_to"].format(start=words.day(first), end=words.day(last))


def _session(shown: Shell, plan: WorkPlan, one: Training, sessions: Sessions, words: Words) -> Page:
    language, head = words.language, one.head
    activity = plan.activities[head.activity]
    here = addresses.training(language, plan.id, head.activity, one.id)
    there = [other for other in shown.programme_languages if other in plan.title]
    there = [other for other in there if other in head.title and other in activity.title]
    open_until = head.nominate_until
    text = shown.parts.render(
        "training",
        here,
        words=words,
        site=shown.words[language],
        one=one,
        up=addresses.programme(language, plan.id, head.activity),
        activity=activity.title[language],
        when=_when(one, words),
        half_days=[
            f"{words.day(half_day.day)}, {half_day.starts}–{half_day.ends}"
            for half_day in sorted(head.half_days, key=lambda day: day.label)
        ],
        zone=get_timezone_location(one.zone, locale=words.locale),
        audience=head.audience.get(language) or activity.audience.get(language, ""),
        held_in=", ".join(words.name_of(spoken) for spoken in head.languages),
        materials=list(_materials(shown, one, language)),
        past=sessions.past(one),
        closed=bool(head.cancelled_on) or bool(one.starts and one.starts <= sessions.now),
        until=words.day(open_until) if open_until else "",
        contact=shown.public.settings.site.contact,
        body=_body(shown, one, language, here),
    )
    meta = shown.meta(
        language,
        here,
        title=head.title[language],
        description=head.topic.get(language) or activity.does.get(language, ""),
        kind="training",
        section="about",
        others={other: addresses.training(other, plan.id, head.activity, one.id) for other in there},
        translated=there,
    )
    return Page(f"{here}index.md", block(text), meta, (one.path,))


def _materials(shown: Shell, one: Training, language: str) -> Iterator[dict[str, str]]:
    """Yield what is handed out and can be opened on the site; what is under embargo cannot."""
    for material in one.head.materials:
        campaign, _, name = material.partition("/")
        message = shown.public.messages.get((campaign, name)) if name else None
        if message and language in message.translations:
            text = message.translations[language].head
            yield {"title": text.title, "url": addresses.message(language, message)}
        elif not name and (whole := shown.public.campaigns.get(campaign)) and language in whole.title:
            yield {"title": whole.title[language], "url": addresses.campaign(language, campaign)}


def _body(shown: Shell, one: Training, language: str, here: str) -> str:
    if not (text := one.text.get(language)):
        return ""
    marked = markup.to_html(
        text, shown.public.helplines, None, lambda target: resolve(shown, one.path, language, here, target)
    )
    shown.problems += markup.warnings(marked, one.path, lambda: one.lines[language])
    for used, at in marked.helplines:
        if problem := shown.public.unfit(used, one.path, one.lines[language] + at):
            shown.problems.append(problem)
    return marked.html
