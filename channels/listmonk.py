"""listmonk: a newsletter handed over with its lists, where a team outgrows its own mail.

Sending has two steps there: a draft is made, and then it is started. The draft reaches nobody, so it is a step that
later attempts find again by its tag; starting is the one publishing request. A campaign can be started once only, and
before a second attempt it is looked at first.

Nobody is told who opened a mail: a template with ``{{ TrackView }}`` is refused, and pictures travel as attachments,
because a picture that is fetched tells when it was. Clicks are counted only where the account says so.

Facts are from listmonk.app/docs and the sources of knadh/listmonk, versions 4 to 6, read 2026-11-25. Nobody has run
this against a real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from channels.contract import (
    Channel,
    ForgetfulSteps,
    Media,
    MediaTraits,
    Outcome,
    Part,
    Preview,
    Receipt,
    Rejected,
    Replay,
    Steps,
    Throttled,
    Traits,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from channels.foreign_content import foreign_content
from channels.http import Door
from channels.listmonk_server import CAMPAIGNS, MEDIA, ListmonkSettings, Server, data_of
from channels.listmonk_text import (
    OWN_ADDRESS,
    UNSUBSCRIBE,
    alt_texts,
    html,
    html_template,
    name_of,
    plain,
    tag_of,
    text_template,
    title_of,
    way_out,
)
from channels.pictures import require_fitting
from channels.text import count_graphemes, cut

DRAFTING, DRAFT, STARTING = "drafting", "draft", "starting"
UNSENT = ("draft", "scheduled")
SENDING = ("running", "paused")
LONGEST_SUBJECT = 200
PAGE, MOST_PAGES = 100, 50
FAILURES_IN_A_ROW = 3


class Listmonk(Channel[ListmonkSettings]):
    """One API user of one listmonk, sending to its lists."""

    kind = "listmonk"
    Settings = ListmonkSettings
    simulator = "channels.testing.simulators.listmonk:ListmonkSimulator"
    traits = Traits(
        label="listmonk",
        counted_as="characters, without a limit",
        facts_from="https://listmonk.app/docs/apis/campaigns/",
        facts_read_on=date(2026, 11, 25),
        replay=Replay.FINDABLE,
        media=MediaTraits(max_count=4, mime_types=("image/png", "image/jpeg"), max_bytes=2 * 1024 * 1024),
        link_in_text=False,
        long_text=True,
        as_mail=True,
    )

    def __init__(
        self, account: str, settings: ListmonkSettings, door: Door, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(account, settings, door, facts)
        self._server = Server(account, settings, door)

    # --- what is sent ---

    def count(self, text: str) -> int:
        """Return the number of characters as a reader sees them."""
        return count_graphemes(text)

    def preview(self, part: Part) -> Preview:
        """Return what :meth:`send` would hand over; ``text`` as the plain text of the mail, ``…`` for each way out."""
        text = plain(part) + way_out(part, OWN_ADDRESS)
        fields = {"Subject": self._subject(part), "lists": ", ".join(map(str, self.settings.lists))}
        if self.settings.from_address:
            fields["From"] = self.settings.from_address
        return Preview(text, self.count(text), None, alt_texts=alt_texts(part), fields=fields)

    def send(self, part: Part, key: str, *, after: Receipt | None = None, steps: Steps | None = None) -> Receipt:
        """Make the draft that is not there yet, then start it with one request; what runs is not started again."""
        self._refuse_what_does_not_fit(part)
        kept = steps or ForgetfulSteps()
        number = kept.get(DRAFT) or self._draft(part, key, kept)
        if kept.get(STARTING):
            campaign = self._read(number, "looking whether it was started")
            if campaign and campaign.get("status") not in UNSENT:
                return self._receipt(campaign)
        kept.put(STARTING, number)
        reply = self._server.publish(
            "PUT",
            f"{CAMPAIGNS}/{number}/status",
            "starting the campaign",
            json={"status": "running"},
            overrides={400: None},
        )
        campaign = data_of(reply)
        if reply.status == 400:
            refusal = self.door.refusal(reply, self.settings.server, publishing=True, doing="starting the campaign")
            # Only drafts can be started: perhaps this one was, by an attempt whose answer was lost.
            campaign = self._read(number, "looking whether it was started")
            if campaign.get("status", "draft") in UNSENT:
                raise refusal
        if str(campaign.get("id")) != number:
            raise Unconfirmed(f"{self._server.host} answered without the campaign")
        return self._receipt(campaign)

    def _draft(self, part: Part, key: str, kept: Steps) -> str:
        """Return the number of the draft, looking for one of an attempt whose answer was lost before making it."""
        campaign = next(self._campaigns(tag_of(key)), None) if kept.get(DRAFTING) else None
        if campaign is None:
            faults = self._server.template_faults()
            if faults:
                # The message is not to blame: every other one of this account would be stopped as well.
                raise Unauthorized(
                    f"the template {self.settings.template} on {self._server.host} {faults[0]}",
                    next_step="then run `outreach resume`",
                )
            pictures = [self._picture(picture, kept) for picture in part.media]
            kept.put(DRAFTING, tag_of(key))
            body = self._body(part, tag_of(key), pictures)
            campaign = data_of(self._server.ask("POST", CAMPAIGNS, "making the draft", json=body))
        if type(campaign.get("id")) is not int:
            raise Unavailable(f"{self._server.host} made the draft without telling its number")
        kept.put(DRAFT, str(campaign["id"]))
        return str(campaign["id"])

    def _body(self, part: Part, tag: str, pictures: list[int]) -> dict[str, Any]:
        body: dict[str, Any] = {
            "name": name_of(part, tag),
            "subject": text_template(self._subject(part)),
            "lists": list(self.settings.lists),
            "type": "regular",
            "content_type": "html",
            "body": html_template(part, count_clicks=self.settings.count_clicks),
            "altbody": text_template(plain(part)) + way_out(part, UNSUBSCRIBE),
            "messenger": "email",
            "template_id": self.settings.template,
            "tags": [tag],
            "media": pictures,
            # A public archive would keep what is later recalled.
            "archive": False,
        }
        return {**body, "from_email": self.settings.from_address} if self.settings.from_address else body

    def _subject(self, part: Part) -> str:
        if self.settings.subject == "neutral":
            return self.settings.neutral_subject
        return cut(title_of(part), LONGEST_SUBJECT)

    def _refuse_what_does_not_fit(self, part: Part) -> None:
        found = foreign_content(html(part))
        faults = [f"the text holds {', '.join(found)}, which would fetch or run something"] if found else []
        if not plain(part):
            faults.append("there is no text")
        if not self._subject(part):
            faults.append("there is no title to be the subject")
        if faults:
            raise Rejected(f"the newsletter is not fit to be sent: {'; '.join(faults)}", next_step="change the message")
        require_fitting(part.media, self.traits.media)

    def _picture(self, picture: Media, kept: Steps) -> int:
        """Return the number of an uploaded picture; an earlier attempt's is used again."""
        name = f"media:{picture.sha256}"
        number = kept.get(name)
        if number:
            return int(number)
        file = (f"{picture.sha256[:12]}.{picture.mime.rpartition('/')[2]}", picture.read(), picture.mime)
        uploaded = data_of(self._server.ask("POST", MEDIA, "uploading a picture", files={"file": file})).get("id")
        if type(uploaded) is not int:
            raise Unavailable(f"{self._server.host} took the picture without telling its number")
        kept.put(name, str(uploaded))
        return uploaded

    # --- looking up ---

    def find(
        self,
        part: Part,
        key: str,
        *,
        since: datetime,
        known: frozenset[str] = frozenset(),
        after: Receipt | None = None,
    ) -> Receipt | None:
        """Look for a campaign with our tag that was started; a draft has reached nobody and is not it."""
        for campaign in self._campaigns(tag_of(key)):
            if campaign.get("status") not in UNSENT and str(campaign["id"]) not in known:
                return self._receipt(campaign)
        return None

    def _campaigns(self, tag: str) -> Iterator[dict[str, Any]]:
        """Yield the campaigns with a tag, newest first. Versions that do not filter by tag show all of them."""
        params = {"tags": tag, "order_by": "created_at", "order": "DESC", "no_body": "true", "per_page": str(PAGE)}
        for page in range(1, MOST_PAGES + 1):
            asked = {**params, "page": str(page)}
            data = data_of(self._server.ask("GET", CAMPAIGNS, "looking for the campaign", params=asked))
            if "results" not in data:
                # Nothing may be taken for absent because listmonk answered with something else.
                raise Unavailable(f"{self._server.host} answered with something other than its campaigns")
            results = data["results"] or []
            found = [one for one in results if isinstance(one, dict) and type(one.get("id")) is int]
            yield from (one for one in found if tag in (one.get("tags") or ()))
            if len(found) < PAGE:
                return
        raise Unavailable(f"{self._server.host} has too many campaigns to look through")

    def _read(self, number: str, doing: str) -> dict[str, Any]:
        """Return a campaign; nothing when there is none."""
        reply = self._server.ask("GET", f"{CAMPAIGNS}/{number}", doing, overrides={400: None, 404: None})
        if reply.status != 200:
            return {}
        campaign = data_of(reply)
        if type(campaign.get("id")) is not int:
            # Nothing may be taken for gone because listmonk answered with something else.
            raise Unavailable(f"{self._server.host} answered with something other than the campaign, while {doing}")
        return campaign

    # --- taking back ---

    def delete(self, receipt: Receipt) -> None:
        """Stop what is not sent yet. Mails that are out cannot be taken back, and that is said with their number.

        :raises Rejected: when mails are out.
        """
        path = f"{CAMPAIGNS}/{receipt.remote_id}"
        campaign = self._read(receipt.remote_id, "reading the campaign")
        if campaign.get("status") in UNSENT:
            self._server.publish("DELETE", path, "taking the draft back", overrides={400: None, 404: None})
        elif campaign.get("status") in SENDING:
            # 400: it has come to its end in the meantime.
            stop = {"status": "cancelled"}
            self._server.publish("PUT", f"{path}/status", "stopping the campaign", json=stop, overrides={400: None})
        campaign = self._read(receipt.remote_id, "reading whether it has stopped")
        if campaign.get("status") in SENDING:
            raise Rejected(
                f"{self._server.host} still sends the campaign after it was asked to stop",
                next_step=f"stop it at {receipt.url}",
            )
        if campaign.get("sent"):
            raise Rejected(
                f"{self._server.host} has sent {campaign['sent']:,} mails, which cannot be taken back",
                next_step="send a correction to the same lists",
            )

    def still_there(self, receipt: Receipt) -> bool:
        """Read whether a campaign is being sent or has reached somebody."""
        campaign = self._read(receipt.remote_id, "reading whether it has stopped")
        return campaign.get("status") in (*UNSENT, *SENDING) or bool(campaign.get("sent"))

    # --- figures ---

    def measure(self, receipts: Iterable[Receipt]) -> dict[str, dict[str, int]]:
        """Return how many mails were to be sent and were sent, bounces, and clicks, all and by link.

        Openings are not read. Clicks are missing where links do not lead over listmonk, and bounces where the account
        does not say that they are collected: there they would be zero without meaning it.
        """
        figures: dict[str, dict[str, int]] = {}
        failure: Outcome | None = None
        in_a_row = 0
        for receipt in receipts:
            try:
                campaign = self._read(receipt.remote_id, "reading figures")
                if campaign:
                    figures[receipt.remote_id] = self._figures(campaign, receipt)
                in_a_row = 0
            except (Throttled, Unauthorized) as outcome:
                failure = outcome
                break
            except Outcome as outcome:
                failure, in_a_row = outcome, in_a_row + 1
                if in_a_row >= FAILURES_IN_A_ROW:
                    break
        if failure and not figures:
            raise failure
        return figures

    def _figures(self, campaign: Mapping[str, Any], receipt: Receipt) -> dict[str, int]:
        counts_clicks = "TrackLink" in str(campaign.get("body") or "").replace("&#64;TrackLink", "")
        names = ["to_send", "sent"]
        names += ["bounces"] * self.settings.count_bounces + ["clicks"] * counts_clicks
        found = {name: campaign[name] for name in names if type(campaign.get(name)) is int}
        return {**found, **(self._clicks_by_link(receipt) if counts_clicks else {})}

    def _clicks_by_link(self, receipt: Receipt) -> dict[str, int]:
        day = timedelta(days=1)
        period = {"from": f"{receipt.at - day:%Y-%m-%d}", "to": f"{self.door.clock() + day:%Y-%m-%d}"}
        params = {"id": receipt.remote_id, **period}
        try:
            reply = self._server.ask("GET", f"{CAMPAIGNS}/analytics/links", "reading clicks", params=params)
        except Rejected:
            return {}
        links = reply.json().get("data")
        found = [one for one in links or [] if isinstance(one, dict) and type(one.get("count")) is int]
        return {f"clicks {one.get('url')}": one["count"] for one in found}

    # --- whether it could send ---

    def check(self) -> list[str]:
        """Return what keeps this account from sending: its token, its lists, its template, its role."""
        return list(self._server.problems())

    def close(self) -> None:
        """Let go of connections."""
        self.door.close()

    def _receipt(self, campaign: Mapping[str, Any]) -> Receipt:
        number = str(campaign["id"])
        at = _moment(campaign.get("started_at")) or self.door.clock()
        return Receipt(number, f"{self.settings.server}/admin/campaigns/{number}", at)


def _moment(value: Any) -> datetime | None:
    """Return the time that listmonk wrote, in UTC; ``None`` before a campaign's first mail."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
