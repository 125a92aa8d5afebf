"""What networks publish about their own interfaces, and whether a channel and its simulator keep to it.

Each ``<kind>.yml`` beside this module is an OpenAPI 3.1 document with the operations that a channel of that kind uses,
taken as facts (paths, fields, types, statuses) from the document that the network publishes. At its top it says

- ``x-source``: repository, files with their commits, day of reading and licence of the published document;
- ``x-left-out``: what of these operations is not here;
- ``x-corrections``: where it departs from the published document, and on whose word;
- ``x-not-in-document``: operations that the channel uses and the published document does not have.

An object with named properties is closed here, in requests and in answers, unless it says ``additionalProperties``:
what the network does not document, a channel does not send, and a simulator does not make up.

The conformance suite holds a channel to the document that its class names
(:attr:`~channels.testing.conformance.harness.Harness.document`). Checking needs ``jsonschema``.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def published(kind: str) -> Path:
    """Return where the document of a kind of channel is, whether or not there is one."""
    return FOLDER / f"{kind}.yml"
