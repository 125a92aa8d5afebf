"""The page on which a certificate of a training is checked, and the list of checksums that it looks into.

Neither names anybody. The check runs in the reader's browser; the code comes in the fragment of the address, which is
sent to no server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from pipeline.store import Issued
from pipeline.website import addresses
from pipeline.website.parts import block
from pipeline.website.shell import Shell
from pipeline.website.tree import Asset, Page
from pipeline.website.words import Words

FOLDER = "site/words/certificates"
LIST = "certificates.json"
STYLES = ("assets/outreach/certificates.css",)
SCRIPTS = ("assets/outreach/certificates.js",)


def pages(shown: Shell, issued: Sequence[Issued], words: Mapping[str, Words]) -> Iterator[Page | Asset]:
    """Yield the page in every language of the programme, and the list; nothing while no certificate was issued."""
    if not issued:
        return
    yield Asset(LIST, listed(issued), sources=(FOLDER,))
    there = [language for language in shown.programme_languages if language in words]
    for language in there:
        here, source = addresses.certificates(language), f"{FOLDER}/{language}.yml"
        text = shown.parts.render("certificates", here, words=words[language], list=LIST)
        meta = shown.meta(
            language,
            here,
            title=words[language]["title"],
            description=words[language]["summary"],
            kind="certificates",
            section="about",
            others={other: addresses.certificates(other) for other in there},
            translated=there,
        )
        yield Page(f"{here}index.md", block(text), meta | {"styles": list(STYLES), "scripts": list(SCRIPTS)}, (source,))


def listed(issued: Sequence[Issued]) -> bytes:
    """Return the list: digests in their own order, which tells nothing of people, sessions or days."""
    held = sorted(one.digest for one in issued if one.revoked_at is None)
    gone = sorted(one.digest for one in issued if one.revoked_at is not None)
    return json.dumps({"form": "certificate-1", "sum": "SHA-256", "issued": held, "revoked": gone}, indent=0).encode()
