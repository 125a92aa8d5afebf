"""The commands for subscribers: people who asked for a newsletter. They live in the store, never in the content."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
