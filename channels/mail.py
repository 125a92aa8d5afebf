"""E-mail newsletters: one delivery for each recipient, handed in to one SMTP server.

Facts: RFC 5321 (SMTP), RFC 5322 (message), RFC 8058 (one-click unsubscribe), RFC 2919 (List-ID), and the rules of the
large receivers for bulk mail (Gmail, Microsoft), read 2026-11-21: From aligned with SPF or DKIM, TLS, List-Unsubscribe
in one click.

**Subject and preview line are neutral** unless the account says otherwise. A subject is seen by whoever looks over a
shoulder or at a locked telephone, so by default each mail of an account carries the account's ``neutral_subject``, and
its preview line is ``neutral_preheader``; what the message is about stands inside. ``subject = "title"`` is for
accounts whose readers are professionals and take no risk by being sent such a title.

**After the final dot nothing can be asked.** SMTP keeps no key and receivers do not drop doubles reliably, so a
connection that breaks there leaves the mail unconfirmed for a person (replay class *blind*). The Message-ID is made
from the key, so that the server's log can be searched for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from ssl import cert_time_to_seconds
from typing import Any, ClassVar, Final

from channels.contract import (
    Channel,
    MediaTraits,
    Outcome,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Traits,
    Undeliverable,
)
from channels.mail_message import Layout, Letterhead, date_header, lay_out, message_id
from channels.mail_settings import TOKEN, MailSettings, wire_address
from channels.pictures import require_fitting
from channels.smtp import Letter, Line, Server
from channels.smtp_conversation import Conversation
from channels.text import count_graphemes

SAMPLE: Final = "preview"
"""What stands for the recipient's token in a preview that is nobody's."""

CERTIFICATE_NOTICE: Final = timedelta(days=14)
IDLE_FOR: Final = timedelta(seconds=60)
"""How long a connection is left open for the next batch. RFC 5321 §4.5.3.2.7 asks servers for five minutes."""


class Mail(Channel[MailSettings]):
    """One newsletter, or the mailbox from which notices go to the team."""

    kind: ClassVar[str] = "mail"
    Settings = MailSettings
    simulator: ClassVar[str] = "channels.testing.simulators.mail:MailSimulator"
    traits = Traits(
        label="E-mail",
        counted_as="characters; no limit",
        facts_from="RFC 5321, RFC 5322, RFC 8058",
        facts_read_on=date(2026, 11, 21),
        replay=Replay.BLIND,
        media=MediaTraits(max_count=4, max_bytes=400_000, max_side=1200),
        link_in_text=False,
        long_text=True,
        as_mail=True,
        fans_out=True,
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._idle: list[Line] = []
        self._last_used = datetime.min.replace(tzinfo=UTC)
        self._laid_out: tuple[tuple[Any, ...], Layout] | None = None

    @cached_property
    def _server(self) -> Server:
        chosen = self.settings
        return Server(
            host=chosen.host,
            port=chosen.port,
            tls=chosen.tls,
            helo=chosen.helo or self._domain,
            username=chosen.username,
            password=chosen.password.get_secret_value() if chosen.password else "",
            timeout=chosen.timeout,
            reply_timeout=chosen.reply_timeout,
            ca_file=str(chosen.ca_file) if chosen.ca_file else None,
            redact=self.door.redact,
        )

    @cached_property
    def _letterhead(self) -> Letterhead:
        chosen = self.settings
        newsletter = chosen.purpose == "newsletter"
        return Letterhead(
            from_name=chosen.from_name,
            from_address=chosen.from_address,
            account=self.account,
            subject=chosen.neutral_subject if chosen.subject == "neutral" else None,
            preheader=chosen.neutral_preheader,
            reply_to=chosen.reply_to,
            list_id=chosen.list_id,
            unsubscribe_url=chosen.unsubscribe_url if newsletter else None,
            unsubscribe_address=chosen.unsubscribe_address if newsletter else None,
            imprint=chosen.imprint,
            is_list=newsletter,
        )

    @property
    def _domain(self) -> str:
        return self.settings.from_address.rpartition("@")[2]

    def count(self, text: str) -> int:
        """Return the number of characters as a reader sees them."""
        return count_graphemes(text)

    def preview(self, part: Part) -> Preview:
        """Return the plain text as it will be read, and the head. A part without recipient gets a sample token."""
        layout = lay_out(part, self._letterhead)
        token = part.recipient.token if part.recipient else SAMPLE
        text = layout.text_for(token)
        fields = {"From": f"{self.settings.from_name} <{self.settings.from_address}>", "Subject": layout.subject}
        if part.recipient:
            fields["To"] = part.recipient.address
        alts = tuple(picture.alt for picture in part.media)
        return Preview(text, self.count(text), None, alt_texts=alts, fields=fields)

    def send(
        self,
        part: Part,
        key: str,
        *,
        after: Receipt | None = None,
        steps: Steps | None = None,
    ) -> Receipt:
        """Hand in one mail to ``part.recipient``.

        :raises Undeliverable: when the server refuses the recipient; other outcomes as the contract says.
        """
        (result,) = self.send_many([(part, key)])
        if isinstance(result, Outcome):
            raise result
        return result

    def close(self) -> None:
        """Hang up."""
        while self._idle:
            self._idle.pop().close(politely=True)

    def _idle_lines(self) -> list[Line]:
        """Return the connections still open from before; older ones are closed, as servers forget them."""
        if self._idle and self.door.clock() - self._last_used > IDLE_FOR:
            self.close()
        return self._idle

    def send_many(self, items: Iterable[tuple[Part, str]]) -> Iterator[Receipt | Outcome]:
        """Hand in many mails over ``connections`` connections and yield one result for each, in order.

        ``items`` is read ahead by at most two for each connection, so whoever hands them over must have noted each as
        being sent *before* that. To stop early, end ``items``; leaving the iterator hangs up on what is under way.
        A mail that is refused does not hold up the others; when the server cannot be reached any more, the rest is
        answered without being tried.
        """
        names: deque[str] = deque()
        domain = self._domain

        def letters() -> Iterator[Letter | Outcome]:
            for part, key in items:
                name = message_id(key, domain)
                names.append(name)
                try:
                    letter: Letter | Outcome = self._letter(self._layout(part), part, name)
                except Outcome as outcome:
                    letter = outcome
                except Exception as error:
                    letter = Rejected(
                        f"the mail cannot be written ({type(error).__name__})", next_step="look at the message's text"
                    )
                yield letter

        clock = self.door.clock
        width, idle = self.settings.connections, self._idle_lines()
        talk = Conversation(self._server, letters(), width=width, now=clock, idle=idle)
        try:
            for result in talk.results():
                name = names.popleft()
                yield result if isinstance(result, Outcome) else Receipt(f"<{name}>", None, clock())
        finally:
            self._last_used = clock()

    def _layout(self, part: Part) -> Layout:
        """Return the layout of a part; a newsletter comes in batches, and all of them share one."""
        looks = _looks(part)
        if self._laid_out is None or self._laid_out[0] != looks:
            require_fitting(part.media, self.traits.media)
            self._laid_out = looks, lay_out(part, self._letterhead)
        return self._laid_out[1]

    def letter(self, part: Part, key: str) -> Letter:
        """Return what would be handed in for ``part``, byte for byte. No I/O but reading its pictures."""
        return self._letter(lay_out(part, self._letterhead), part, message_id(key, self._domain))

    def _letter(self, layout: Layout, part: Part, name: str) -> Letter:
        recipient = part.recipient
        if recipient is None:
            raise Rejected("a mail needs a recipient", next_step="send it to the subscribers of the account")
        if not TOKEN.fullmatch(recipient.token):
            raise Rejected("the recipient's token holds characters that a link or address cannot carry")
        to = wire_address(recipient.address)
        if to is None:
            raise Undeliverable("the recipient's address is not an e-mail address", next_step="correct or remove it")
        token = recipient.token.encode()
        content = layout.content(
            to=to,
            token=token,
            message_id=name.encode(),
            date=date_header(self.door.clock().replace(microsecond=0)),
        )
        return Letter(self._return_path(recipient.token), to, content)

    def _return_path(self, token: str) -> bytes:
        """Return the address that a bounce comes back to (VERP: it says by itself whose bounce it is)."""
        pattern = self.settings.return_path
        if pattern is None:
            return self.settings.from_address.encode()
        path = pattern.replace("{token}", token)
        if path.index("@") > 64:
            raise Rejected(
                "the return path with the recipient's token is longer than the 64 characters that mail allows",
                next_step="shorten what stands before the @ in return_path",
            )
        return path.encode()

    def check(self) -> list[str]:
        """Connect, encrypt and log in, without sending.

        Whether the server signs with DKIM cannot be seen from here; what can be seen is when DMARC would hang on it
        alone.
        """
        line = Line(self._server, self.door.clock)
        try:
            expiry = line.certificate.get("notAfter")
        finally:
            line.close(politely=True)
        problems = []
        if expiry:
            left = datetime.fromtimestamp(cert_time_to_seconds(expiry), tz=self.door.clock().tzinfo) - self.door.clock()
            if left < CERTIFICATE_NOTICE:
                problems.append(f"the certificate of {self.settings.host} ends in {left.days} days; tell its operator.")
        bounces = (self.settings.return_path or "").rpartition("@")[2]
        if bounces and not _aligned(bounces, self._domain):
            problems.append(
                f"return_path is at {bounces} and from_address at {self._domain}: receivers then trust the mail by its "
                "DKIM signature alone; make sure that the server signs, or use one domain."
            )
        return problems


def _looks(part: Part) -> tuple[Any, ...]:
    """Return all that two recipients' mails have in common if they are of one message."""
    return (part.text, part.html, part.title, part.summary, part.link, part.language, part.media, part.about)


def _aligned(one: str, other: str) -> bool:
    """Whether two domains can share an organisational domain (RFC 7489 §3.1.1, relaxed): one lies in the other."""
    one, other = one.lower(), other.lower()
    return one == other or one.endswith("." + other) or other.endswith("." + one)
