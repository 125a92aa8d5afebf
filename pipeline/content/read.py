"""From the project's folders to its words: campaigns, helplines, messages; whatever is wrong becomes a problem.

Nothing stops at the first problem: what can be read is read, so that a person sees everything at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from pipeline.content import site
from pipeline.content.cache import Cache, as_json
from pipeline.content.files import inside, link_out
from pipeline.content.folder import Found, Known, read_folder
from pipeline.content.halves import in_two
from pipeline.content.listing import folders, read_yaml
from pipeline.content.project import CAMPAIGNS, CONTENT, HELPLINES, Lines, MessageKey, Messages, Project
from pipeline.content.schema import validate
from pipeline.model import SLUG, Campaign, Helpline, Message, Problem


def read_project(root: Path, cache: Cache | None = None) -> Project:
    """Read everything that people wrote.

    :param root: the project's folder, in which ``content/`` lies.
    :param cache: what earlier runs read; unchanged messages are not parsed again. The caller saves it.
    """
    problems: list[Problem] = []
    if cache is not None:
        cache.about("read")
    if (root / CONTENT).is_symlink() and not _in_root(root):
        return Project(root, problems=(link_out(CONTENT),))
    helplines = read_helplines(root, problems)
    campaigns = read_campaigns(root, problems)
    made: dict[MessageKey, Message | Callable[[], Message]] = {}
    embargoes: dict[MessageKey, str] = {}
    makers: dict[MessageKey, Callable[[], Message]] = {}
    uids: dict[MessageKey, str] = {}
    digests: dict[MessageKey, str] = {}
    names = [(campaign.id, name) for campaign in campaigns.values() for name in _names(root, campaign, problems)]
    read = dict(_messages(root, campaigns, names, cache))
    for key in names:
        found = read[key]
        problems += found.problems
        digests[key] = found.digest
        if ready := found.message or found.later:
            made[key] = ready
        if cache is not None and found.later:
            # With a cache there is much to read, and what was looked at need not be kept.
            makers[key] = found.later
        if found.embargo:
            embargoes[key] = found.embargo
        if found.uid:
            uids[key] = found.uid
    messages = Messages({key: made[key] for key in sorted(made)}, embargoes, makers)
    problems += _twice(messages)
    if uids:
        problems += _known_alike(messages, uids, lambda key: messages[key].source.path, Lines(root))
    pages = site.read_pages(root, problems)
    funders = site.read_funders(root, problems, set(campaigns))
    corrections = site.read_corrections(root, problems, set(messages))
    boilerplate = site.read_boilerplate(root, problems)
    told = tuple(problems)
    return Project(root, campaigns, messages, helplines, told, digests, pages, funders, corrections, boilerplate)


def read_message(root: Path, campaign: str, message: str) -> tuple[Message | None, list[Problem]]:
    """Read one message alone, without the rest of the project.

    :returns: the message, or ``None`` when it cannot be made, and what is wrong with it or its campaign.
    """
    problems: list[Problem] = []
    path = f"{CAMPAIGNS}/{campaign}"
    for name in (campaign, message):
        if not SLUG.fullmatch(name):
            what = f"'{name}' is not a short name: use small letters, digits and single hyphens"
            return None, [Problem(path=CAMPAIGNS, rule="folder-name", message=what)]
    found = _campaign(root, path, campaign, problems)
    if found is None:
        return None, problems
    return read_message_of(root, found, message, problems)


def read_message_of(
    root: Path, campaign: Campaign, message: str, problems: Iterable[Problem] = ()
) -> tuple[Message | None, list[Problem]]:
    """Read one message of a campaign that has been read already; returns as :func:`read_message`.

    :param problems: what is known to be wrong before.
    """
    folder = f"{CAMPAIGNS}/{campaign.id}/messages"
    if not (root / folder / message).is_dir():
        what = f"there is no message '{message}' in the campaign '{campaign.id}'"
        return None, [*problems, Problem(path=folder, rule="missing-file", message=what)]
    if not inside(root, root / folder / message):
        return None, [*problems, link_out(f"{folder}/{message}")]
    read = read_folder(root, campaign, message)
    return read.message, [*problems, *read.problems]


def _in_root(root: Path) -> bool:
    return (root / CONTENT).resolve().is_relative_to(root.resolve())


def read_helplines(root: Path, problems: list[Problem]) -> dict[str, Helpline]:
    """Read the registry of helplines; entries that are wrong are left out and told."""
    before = len(problems)
    data, places = read_yaml(root, HELPLINES, problems)
    if data is None and len(problems) == before:
        data = {}
    if not isinstance(data, dict):
        if len(problems) == before:
            what = "the registry has to map the id of each helpline to its fields"
            problems.append(Problem(path=HELPLINES, line=1, rule="schema", message=what))
        return {}
    helplines = {}
    for name, fields in data.items():
        helpline, wrong = validate(Helpline, fields, HELPLINES, lambda: places, at=(name,), fixed={"id": name})
        problems += wrong
        if helpline is not None:
            helplines[name] = helpline
    return helplines


def read_campaigns(root: Path, problems: list[Problem]) -> dict[str, Campaign]:
    """Read every ``campaign.yml``, by id; those that are wrong are left out and told."""
    campaigns: dict[str, Campaign] = {}
    for name, path in folders(root, CAMPAIGNS, problems):
        if campaign := _campaign(root, path, name, problems):
            campaigns[name] = campaign
    if not campaigns and not problems:
        what = "there is no campaign here"
        problems.append(Problem(path=CAMPAIGNS, rule="missing-file", message=what, todo="begin with `outreach init`"))
    return campaigns


def _campaign(root: Path, folder: str, name: str, problems: list[Problem]) -> Campaign | None:
    path = f"{folder}/campaign.yml"
    before = len(problems)
    data, places = read_yaml(root, path, problems)
    if len(problems) > before:
        return None
    campaign, wrong = validate(Campaign, data, path, lambda: places)
    problems += wrong
    if campaign is None:
        return None
    if campaign.id != name:
        what = f"the campaign's id is '{campaign.id}', but its folder is '{name}'"
        todo = "give both the same name"
        rule = "folder-name"
        if (root / CAMPAIGNS / campaign.id).is_dir():
            what = f"two campaigns have the id '{campaign.id}': this one and the one in the folder '{campaign.id}'"
            rule, todo = "duplicate-id", f"write 'id: {name}' here"
        problems.append(Problem(path=path, line=places.line(("id",)), rule=rule, message=what, todo=todo))
        return None
    return campaign


def _names(root: Path, campaign: Campaign, problems: list[Problem]) -> Iterator[str]:
    folder = f"{CAMPAIGNS}/{campaign.id}/messages"
    if not (root / folder).is_dir():
        what = "the campaign has no folder 'messages'"
        problems.append(Problem(path=f"{CAMPAIGNS}/{campaign.id}", rule="missing-file", message=what))
        return
    for name, _ in folders(root, folder, problems):
        yield name


def _messages(
    root: Path, campaigns: dict[str, Campaign], names: list[MessageKey], cache: Cache | None
) -> Iterator[tuple[MessageKey, Found]]:
    """Read the messages: first those of which something is known, then the others."""

    def read(key: MessageKey, known: Known = lambda _digest: None) -> Found:
        return read_folder(root, campaigns[key[0]], key[1], known)

    anew = []
    for key in names:
        if cache is None or not cache.has(_name(key)):
            anew.append(key)
            continue
        found = read(key, partial(cache.get, _name(key)))
        if found.anew:
            cache.put(_name(key), found.digest, found.parsed)
        yield key, found
    for key, found, row in in_two(anew, read, _row, lambda key, parsed: read(key, lambda _digest: parsed)):
        if cache:
            cache.put_json(_name(key), found.digest, row)
        yield key, found


def _row(found: Found) -> str:
    return as_json(found.parsed)


def _name(key: MessageKey) -> str:
    return f"read:{key[0]}/{key[1]}"


def _twice(messages: Iterable[MessageKey]) -> Iterator[Problem]:
    homes: dict[str, str] = {}
    for campaign, name in messages:
        folder = f"{CAMPAIGNS}/{campaign}/messages/{name}"
        first = homes.setdefault(name, folder)
        if first != folder:
            what = f"two messages have the id '{name}': this one and {first}"
            todo = "rename one of the two folders; commands and links name a message by its id"
            yield Problem(path=folder, rule="duplicate-id", message=what, todo=todo)


def _known_alike(
    messages: Iterable[MessageKey], uids: Mapping[MessageKey, str], source: Callable[[MessageKey], str], lines: Lines
) -> Iterator[Problem]:
    """Tell messages that feeds and partners could not tell apart.

    :param uids: what stands under ``uid`` in the source of each message that has one.
    :param source: gives the path of a message's source.
    """
    homes: dict[str, MessageKey] = {}
    for key in sorted(messages, key=lambda one: one in uids):
        uid = uids.get(key, "/".join(key))
        first = homes.setdefault(uid, key)
        if first != key:
            what = f"feeds know two messages as '{uid}': this one and {CAMPAIGNS}/{first[0]}/messages/{first[1]}"
            todo = "a 'uid' is the name that this message's own folders had first; correct it"
            path = source(key)
            yield Problem(path=path, line=lines.of(path, ("uid",)), rule="duplicate-uid", message=what, todo=todo)
