"""The ten points for LinkedIn, as a page; what a member may not do is tested beside it."""

from pathlib import Path

from channels.linkedin import LinkedIn
from channels.testing.conformance import HTTP_CASES, Conformance

# A success says the post's number in a header and has no body, so it cannot be of another type.
CASES = tuple(case for case in HTTP_CASES if case.name != "an answer of another type")


class TestLinkedIn(Conformance):
    channel = LinkedIn
    server = "LinkedIn, simulated"
    golden = Path(__file__).parent / "golden" / "linkedin"
    cases = CASES
