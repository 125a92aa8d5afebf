"""Composing: a message, an account, the picture and the surroundings come together as a post."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from channels import registry
from channels.contract import Channel, Media, MediaTraits
from pipeline import wording
from pipeline.app.house import House
from pipeline.app.pictures import PictureProblem, public_path
from pipeline.compose import Composition, Surroundings, compose
from pipeline.content.project import Project
from pipeline.model import Campaign, Message
from pipeline.settings import Account


class Writer:
    """Composes posts from one reading of the content; pictures are rendered once.

    :param with_pictures: ``False`` leaves pictures out, for questions of length alone.
    """

    def __init__(self, house: House, project: Project | None = None, *, with_pictures: bool = True) -> None:
        self._house = house
        self._project = project or house.project
        self._with_pictures = with_pictures
        self._wording, _ = wording.read(house.root, registry.kinds())
        self._pictures: dict[tuple[str, MediaTraits | None], Media | PictureProblem] = {}
        self._channels: dict[str, Channel[Any]] = {}

    def write(self, message: Message, account: Account, channel: Channel[Any] | None = None) -> Composition:
        """Return the post that ``account`` will show of ``message``.

        :param channel: what it is composed for, where it is not the account's channel as it is known now.

        A picture that cannot be used is among the faults; the post is then shown without it and never sent.

        :raises KeyError: when the message has no text in the account's language.
        """
        campaign: Campaign = self._project.campaigns[message.campaign]
        site = self._house.settings.programme.site.rstrip("/")
        around = Surroundings(campaign, self._project.helplines, site, wording=self._wording)
        channel = channel or self.channel(account)
        takes = channel.traits.media
        picture = self._picture(message, takes) if self._with_pictures else None
        fault: tuple[str, ...] = ()
        if isinstance(picture, PictureProblem):
            fault, picture = (str(picture),), None
        elif picture and takes.fetched:
            picture = replace(picture, url=f"{site}/{public_path(picture)}")
        made = compose(message, account, channel, around, picture)
        return Composition(made.post, made.notes, made.faults + fault)

    def channel(self, account: Account) -> Channel[Any]:
        """Return what an account's posts are composed for, as it was when it was first asked for."""
        if account.name not in self._channels:
            self._channels[account.name] = self._house.channel(account.name)
        return self._channels[account.name]

    def _picture(self, message: Message, takes: MediaTraits) -> Media | PictureProblem | None:
        name = message.source.head.picture.file
        if name is None:
            return None
        # A network without pictures gets none; still, a picture that cannot be used is told.
        key = (f"{message.folder}/{name}", takes if takes.max_count else None)
        if key not in self._pictures:
            path, traits = key
            try:
                self._pictures[key] = self._house.pictures.render(self._house.root / Path(path), traits)
            except PictureProblem as problem:
                self._pictures[key] = problem
        return self._pictures[key]
