"""The memory of the house: what is planned, what went out, who receives it, who did what.

SQLAlchemy Core on SQLite or PostgreSQL. Nothing outside this package speaks SQL.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.store.accounts import Accounts, AccountState
from pipeline.store.certificates import Certificates, Issued
from pipeline.store.deliveries import Deliveries, Result
from pipeline.store.desk import Arrival, Desk
from pipeline.store.engine import StoreError, connect, in_sentences
from pipeline.store.events import Events
from pipeline.store.marks import Marks
from pipeline.store.partners import Link, Partners, Told
from pipeline.store.personal import Personal
from pipeline.store.pickups import Pickup, Pickups, PickupState, Source
from pipeline.store.pictures import Pictures, Rendered
from pipeline.store.plans import Plans, Sheet
from pipeline.store.reach import Due, Reach, Reading
from pipeline.store.recalls import Act, Recalled, Recalls
from pipeline.store.steps import Steps
from pipeline.store.subscribers import Consent, Newcomer, Subscriber, Subscribers
from pipeline.store.training_people import Entrant, Mark, Sealed, TrainedPeople
from pipeline.store.training_tests import TakenSheet, TrainingTests
from pipeline.store.trainings import Nomination, NominationLink, Seat, Trainings, Where
from pipeline.store.transactions import Transactions
from pipeline.store.versions import migrate
from pipeline.store.web import LogMark, Web
from pipeline.store.workers import Workers

__all__ = [
    "AccountState",
    "Accounts",
    "Act",
    "Arrival",
    "Certificates",
    "Consent",
    "Deliveries",
    "Desk",
    "Due",
    "Entrant",
    "Issued",
    "Link",
    "LogMark",
    "Mark",
    "Newcomer",
    "Nomination",
    "NominationLink",
    "Partners",
    "Personal",
    "Pickup",
    "PickupState",
    "Reach",
    "Reading",
    "Recalled",
    "Recalls",
    "Rendered",
    "Result",
    "Sealed",
    "Seat",
    "Sheet",
    "Source",
    "Store",
    "StoreError",
    "Subscriber",
    "Subscribers",
    "TakenSheet",
    "Told",
    "TrainedPeople",
    "TrainingTests",
    "Trainings",
    "Web",
    "Where",
]


class Store:
    """An open store.

    :param url: a database URL; a relative SQLite path is taken from ``root``.
    :raises StoreError: one sentence for a person, when it cannot be used.
    """

    def __init__(self, url: str, root: Path) -> None:
        self._engine = connect(url, root)
        try:
            with in_sentences(self._engine.url):
                migrate(self._engine)
        except BaseException:
            self.close()
            raise
        transactions = Transactions(self._engine)
        self.deliveries = Deliveries(transactions)
        self.steps = Steps(transactions)
        self.plans = Plans(transactions)
        self.desk = Desk(transactions)
        self.marks = Marks(transactions)
        self.accounts = Accounts(transactions)
        self.workers = Workers(transactions)
        self.subscribers = Subscribers(transactions)
        self.pictures = Pictures(transactions)
        self.recalls = Recalls(transactions)
        self.events = Events(transactions)
        self.partners = Partners(transactions)
        self.reach = Reach(transactions)
        self.web = Web(transactions)
        self.pickups = Pickups(transactions)
        self.trainings = Trainings(transactions)
        self.people = TrainedPeople(transactions)
        self.personal = Personal(transactions)
        self.certificates = Certificates(transactions)
        self.tests = TrainingTests(transactions)

    @property
    def name(self) -> str:
        """The store's address, without a password."""
        return self._engine.url.set(query={}).render_as_string(hide_password=True)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
