"""What the tests of Facebook, Instagram and Threads share: accounts, refusals in Meta's form, pictures."""

from dataclasses import replace

from channels.contract import Part
from channels.registry import connect
from channels.testing import samples
from channels.testing.simulator import answers

LINK = "https://example.org/ro/oferta?utm_source=meta"


def connected(channel, network, clock, **changed):
    """Return the account "ours" of a channel, connected to a simulator."""
    settings = channel.Settings(**{**network.settings("ours"), **changed})
    return connect(channel, "ours", settings, clock, connect=1, read=0.5, total=1)


def refuses(code, subcode=None, status=400, headers=None, *, transient=False, accepts=False):
    """Return the fault of being refused as Meta does it."""
    error = {"message": "No", "type": "OAuthException", "code": code, "fbtrace_id": "x"}
    error |= {"error_subcode": subcode} if subcode else {}
    error |= {"is_transient": True} if transient else {}
    return answers(status, {"error": error}, headers, accepts=accepts)


def part(text=f"Verifică oferta: {LINK}", *pictures, **more):
    """Return a part in Romanian."""
    return Part(text=text, language="ro", media=pictures, **more)


def pictured(channel, folder, text="Verifică oferta.", *, alts=("Desen",), **changed):
    """Return a part with pictures as the channel takes them."""
    pictures = [
        replace(samples.fitting(folder, alt, channel.traits.media, shade=shade), **changed)
        for shade, alt in enumerate(alts)
    ]
    return part(text, *pictures)


def asked(network, method, ending):
    """Return the requests of a method whose path has this ending."""
    return [request for request in network.wire if request.method == method and request.path.endswith(ending)]
