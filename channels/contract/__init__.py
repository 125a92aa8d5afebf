"""The contract that every channel keeps.

A channel is one network, spoken to on behalf of one account. It turns one :class:`Part` into one publishing
request and answers with a :class:`Receipt`, or raises one of five :class:`Outcome`\\ s that say what is known
about the post now. It neither sleeps nor retries nor keeps state: whoever calls it decides what happens next.

What every channel must have is :class:`Channel`. What only some networks offer are the small protocols below it
(:class:`Finds`, :class:`Checks`, :class:`Adapts`, :class:`SendsMany`, …): a channel has an ability when it has
its methods, and nothing has to be declared twice.
"""

from __future__ import annotations

from channels.contract.abilities import Adapts, Checks, Deletes, Edits, Finds, Measures, SendsMany, StillThere
from channels.contract.channel import Channel, ChannelSettings, ForgetfulSteps, ProjectPath, SettingsT, Steps
from channels.contract.outcomes import (
    Outcome,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Unconfirmed,
    Undeliverable,
)
from channels.contract.posts import About, Document, Limits, Media, Part, Post, Preview, Receipt, Recipient
from channels.contract.traits import MediaTraits, Price, Replay, Traits

__all__ = [
    "About",
    "Adapts",
    "Channel",
    "ChannelSettings",
    "Checks",
    "Deletes",
    "Document",
    "Edits",
    "Finds",
    "ForgetfulSteps",
    "Limits",
    "Measures",
    "Media",
    "MediaTraits",
    "Outcome",
    "Part",
    "Post",
    "Preview",
    "Price",
    "ProjectPath",
    "Receipt",
    "Recipient",
    "Rejected",
    "Replay",
    "SendsMany",
    "SettingsT",
    "Steps",
    "StillThere",
    "Throttled",
    "Traits",
    "Unauthorized",
    "Unavailable",
    "Unconfirmed",
    "Undeliverable",
]
