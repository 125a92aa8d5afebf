"""The commands for certificates of trainings."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.app import certifying, training
from pipeline.cli.desk import BY
from pipeline.cli.terminal import ATTENTION, err, out, print_json, progress, who
from pipeline.cli.trained import at_work


@click.command("certificates")
@click.argument("session")
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where to.")
@BY
@click.pass_context
def issue(context: click.Context, session: str, folder: Path, by: str | None) -> None:
    """Write certificates (PDF) for all who were present at enough half-days of SESSION. Needs the key.

    Issued again, everybody gets the same certificate. Build and publish the site afterwards: its list of checksums,
    which names nobody, is what a certificate is checked against.
    """
    with at_work(context) as home, progress("certificates") as told:
        done = certifying.issue(home, training.session(home, session), folder, who(by), told)
    made = "1 certificate" if len(done.files) == 1 else f"{len(done.files)} certificates"
    out.print(f"{made} in {folder}, {done.fresh} of them new.", markup=False)
    if done.too_seldom:
        few = "1 person was" if done.too_seldom == 1 else f"{done.too_seldom} people were"
        gets = "gets" if done.too_seldom == 1 else "get"
        out.print(f"{few} present for too few half-days and {gets} none.")
    if done.fresh:
        out.print("Publish the site, so that they can be checked.")


@click.command("verify")
@click.argument("certificate", metavar="FILE.pdf|CODE")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify(context: click.Context, certificate: str, *, as_json: bool) -> None:
    """Check a certificate by its file, its code, the link of its QR code, or its number; no network is asked.

    Exit code 3: it was withdrawn, changed, or never issued.
    """
    with at_work(context) as home:
        found = certifying.check(home, certificate)
    one = found.certificate
    says = {
        "name": one.name, "session": one.session, "hours": str(one.hours), "day": one.day, "programme": one.programme,
        "number": one.number,
    } if one else {}  # fmt: skip
    if as_json:
        print_json({"holds": found.good, "standing": found.standing, "sentence": found.sentence, "says": says})
    else:
        for name, value in says.items():
            out.print(f"  {name}: {value}", markup=False)
        (out if found.good else err).print(found.sentence, style="green" if found.good else "red", markup=False)
    if not found.good:
        raise SystemExit(ATTENTION)


@click.command("revoke")
@click.argument("certificate", metavar="FILE.pdf|CODE|NUMBER")
@click.option("--why", required=True, help="The reason, without names; it stays in the log.")
@BY
@click.pass_context
def revoke(context: click.Context, certificate: str, why: str, by: str | None) -> None:
    """Withdraw a certificate. It stays withdrawn when the session's certificates are issued again."""
    with at_work(context) as home:
        found = certifying.revoke(home, certificate, who(by), why)
    out.print(f"withdrawn: a certificate of {found.plan}/{found.session}. Publish the site.", markup=False)


OF_TRAINING = (issue, verify, revoke)
