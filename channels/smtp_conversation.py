"""Handing in many letters over several connections at once, and knowing of each what became of it.

The rule that everything here serves: until the final dot of a letter has been written, the server cannot have
accepted it (RFC 5321 §4.1.1.4); after that, only its reply says whether it did.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from channels.contract import Outcome, Throttled, Unavailable, Unconfirmed, Undeliverable
from channels.smtp import Broken, Letter, Line, Reply, Server, Stage, judge

PATIENCE: Final = 3
"""After so many broken connections without one reply in between, the rest is not even tried."""

PAUSE: Final = timedelta(minutes=1)
"""How long to leave a server alone that has just failed."""

END: Final = b".\r\n"
DATA: Final = b"DATA\r\n"
RESET: Final = b"RSET\r\n"
NOTHING: Final = Reply(b"", b"")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took the letter: from here on it is the server's to deliver or to bounce."""

    reply: Reply


Result = Accepted | Outcome


@dataclass(slots=True)
class _Job:
    number: int
    letter: Letter
    tried: bool = False


class Conversation:
    """Hands in letters over up to ``width`` connections, from one thread, and gives one result each, in order.

    Every connection is a generator that pauses where it would wait for the server; they take turns. So while one
    waits the others write, and nothing has to be locked. A server that is slow to answer one letter holds up the
    others until it answers or the time-out ends; their order is kept anyway. ``letters`` is read ahead by at most two
    for each connection; an :class:`Outcome` in it (a letter that could not be made) passes through in its place.

    Where the server offers PIPELINING, the content of one letter and the envelope of the next travel together
    (RFC 2920 §3.1), which leaves one round trip for each letter.

    No letter's content is ever written twice. A letter whose connection broke *before* its content was written gets
    one more connection, because servers hang up on connections that they find old; that is no second attempt.

    :param idle: connections left open by an earlier conversation with this server. They are used first, and those in
        good order are left there again.
    """

    def __init__(
        self,
        server: Server,
        letters: Iterator[Letter | Outcome],
        *,
        width: int,
        now: Callable[[], datetime],
        idle: list[Line],
    ) -> None:
        self._server = server
        self._letters = letters
        self._idle = idle
        self._width = max(1, width)
        self._now = now
        self._exhausted = False
        self._taken = 0
        self._waiting: deque[_Job] = deque()
        self._results: dict[int, Result] = {}
        self._turns: deque[Generator[None]] = deque()
        self._failures = 0
        self._blocked: Outcome | None = None

    def results(self) -> Iterator[Result]:
        """Yield the results in the order of the letters.

        To stop early end ``letters``: what is under way is then finished. Closing this iterator hangs up at once
        and leaves what is under way unknown.
        """
        given = 0
        try:
            while self._turns or self._waiting or self._results or not self._exhausted:
                if len(self._turns) < self._width and (job := self._take()):
                    self._turns.append(self._serve(job))
                self._step()
                while given in self._results:
                    yield self._results.pop(given)
                    given += 1
        finally:
            for turn in self._turns:
                turn.close()

    def _step(self) -> None:
        if not self._turns:
            return
        turn = self._turns.popleft()
        try:
            next(turn)
        except StopIteration:
            return
        self._turns.append(turn)

    def _take(self) -> _Job | None:
        """Return the next letter to send; ``None`` when there is none now."""
        for _ in range(64):
            if self._waiting:
                job = self._waiting.popleft()
            else:
                letter = None if self._exhausted else next(self._letters, None)
                if letter is None:
                    self._exhausted = True
                    return None
                self._taken += 1
                if isinstance(letter, Outcome):
                    self._results[self._taken - 1] = letter
                    continue
                job = _Job(self._taken - 1, letter)
            if self._blocked is None:
                return job
            self._results[job.number] = self._blocked
        return None

    # --- one connection --------------------------------------------------------------------------------------

    def _serve(self, first: _Job) -> Generator[None]:
        try:
            line = self._idle.pop() if self._idle else Line(self._server, self._now)
        except Outcome as outcome:
            self._not_opened(first, outcome)
            return
        whole = False
        try:
            whole = yield from self._talk(line, self._fit(line, first))
        finally:
            if whole:
                self._idle.append(line)
            else:
                line.close()

    def _talk(self, line: Line, job: _Job | None) -> Generator[None, None, bool]:
        """Hand in letters until there is none; return whether the connection can still be used."""
        following: _Job | None = None
        end = 0
        try:
            self._announce(line, job, b"")
            yield
            while job:
                refusal = yield from self._envelope(line, job)
                following = self._fit(line, self._take())
                if refusal:
                    self._settle(line, job, refusal)
                    job, following = following, None
                    self._announce(line, job, b"")
                    yield
                    continue
                end = len(job.letter.content) + len(END)
                self._announce(line, following, job.letter.content + END)
                yield
                reply = line.read()
                self._settle(line, job, self._verdict(line, job, reply))
                job, following, end = following, None, 0
                if reply.code == b"421":
                    raise line.strange(reply)
        except Broken as broken:
            if following:
                self._waiting.appendleft(following)
            if job:
                whole = broken.written is None or broken.written >= end
                self._break(line, job, broken, handed_over=end > 0 and whole)
            return False
        return True

    def _announce(self, line: Line, job: _Job | None, before: bytes) -> None:
        """Write ``before`` and, where the server takes commands in groups, the whole envelope of ``job``."""
        if job and line.pipelining:
            sender, recipient = job.letter.envelope
            before = b"".join((before, RESET if line.dirty else b"", sender, recipient, DATA))
        if before:
            line.write(before)

    def _envelope(self, line: Line, job: _Job) -> Generator[None, None, Outcome | None]:
        """Bring the letter to where its content may follow (``None``), or return why the server will not have it."""
        sender, recipient = job.letter.envelope
        steps: tuple[tuple[Stage, bytes], ...] = (
            (Stage.SENDER, sender),
            (Stage.RECIPIENT, recipient),
            (Stage.DATA, DATA),
        )
        if line.dirty:
            steps = ((Stage.RESET, RESET), *steps)
        refusal: Outcome | None = None
        reply = NOTHING
        for stage, command in steps:
            if not line.pipelining:
                line.write(command)
                yield
            reply = line.read()
            if refusal is None and not stage.passed(reply):
                refusal = self._judge(line, stage, reply, job)
                if not line.pipelining:
                    break
        line.dirty = refusal is not None
        if refusal and reply.code == b"354":
            # RFC 2920 §3.1: a server may wait for content although it refused the recipient. It gets none.
            line.write(END)
            yield
            line.read()
        return refusal

    def _verdict(self, line: Line, job: _Job, reply: Reply) -> Result:
        if Stage.CONTENT.passed(reply):
            return Accepted(reply)
        return self._judge(line, Stage.CONTENT, reply, job)

    def _judge(self, line: Line, stage: Stage, reply: Reply, job: _Job) -> Outcome:
        if reply.code[:1] not in {b"4", b"5"} or stage is Stage.RESET:
            raise line.strange(reply)
        outcome = judge(stage, reply, self._server, recipient=job.letter.recipient, now=self._now())
        if reply.code == b"421" and stage is not Stage.CONTENT:
            raise Broken(outcome)
        return outcome

    # --- what became of it -----------------------------------------------------------------------------------

    def _fit(self, line: Line, job: _Job | None) -> _Job | None:
        """Pass by the letters that this server cannot take because their address has letters outside ASCII."""
        while job and not line.international and not job.letter.recipient.isascii():
            self._results[job.number] = Undeliverable(
                "the recipient's address has letters outside ASCII, which this mail server cannot deliver",
                next_step="ask for another address",
            )
            job = self._take()
        return job

    def _settle(self, line: Line, job: _Job, result: Result) -> None:
        self._results[job.number] = result
        self._failures = 0
        line.fresh = False

    def _break(self, line: Line, job: _Job, broken: Broken, *, handed_over: bool) -> None:
        if not handed_over and not line.fresh and not job.tried:
            # What else was left open is as old as this one.
            while self._idle:
                self._idle.pop().close()
            job.tried = True
            self._waiting.appendleft(job)
            return
        self._failures += 1
        if handed_over:
            self._results[job.number] = Unconfirmed(
                f"{broken.outcome.what} after it had the whole mail, so it may or may not be on its way",
                next_step="look it up in the mail server's log, then say what you found with `outreach resolve`",
            )
        else:
            self._results[job.number] = broken.outcome
        if self._failures >= PATIENCE:
            self._block(broken.outcome)

    def _block(self, outcome: Outcome) -> None:
        """Answer for the letters that follow without trying them. That costs them no attempt."""
        if isinstance(outcome, Unavailable):
            outcome = Throttled(
                f"the mail server {self._server.host} failed just before, so this was not tried",
                until=self._now() + PAUSE,
            )
        self._blocked = outcome

    def _not_opened(self, job: _Job, outcome: Outcome) -> None:
        """Go on with fewer connections where some are open (servers limit their number), else give up the rest."""
        if self._turns:
            self._waiting.appendleft(job)
            self._width = len(self._turns)
        else:
            self._results[job.number] = outcome
            self._block(outcome)
