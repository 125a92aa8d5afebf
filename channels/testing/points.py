"""The points that every channel is held to, as words for people; :mod:`channels.testing.conformance` tests them."""

from __future__ import annotations

POINTS = (
    "every fault of the settings is told at once; no secret in a message, log or traceback",
    "importing it does nothing; what the network is like is plain data",
    "a post fits by the network's own count; golden posts",
    "what arrives equals the preview, alternative texts included; no picture is lost",
    "the idempotency key is on the wire",
    "whatever goes wrong, and whatever is answered instead of an answer, gives the prescribed outcome",
    "one send is one publishing request, and no sleep",
    "accepted, the answer lost, restarted: exactly one post, or it is known that nothing can be known",
    "a thread resumes at the part that failed; uploads are not repeated",
    "a figure that is missing stays missing",
    "a correction arrives as previewed, or the post stays as it was and the outcome says so",
    "what was taken back is gone and stays so; what is still there is not called gone",
)
"""The points in their order, each as a clause: ten of publishing, one of correcting, one of taking back."""
