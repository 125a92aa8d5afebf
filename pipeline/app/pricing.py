"""What posts cost on networks that take money for them, and what they would cost without their link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from channels.contract import Channel, Post, Price


@dataclass(frozen=True, slots=True)
class Cost:
    """What one post costs: ``amount`` as it is, ``without_link`` if it named no web address."""

    account: str
    price: Price
    amount: Decimal
    without_link: Decimal

    def __str__(self) -> str:
        told = f"costs {self.amount} {self.price.currency}"
        return f"{told}, without its link {self.without_link}" if self.without_link < self.amount else told

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; amounts are texts, so that none is rounded."""
        return {
            "amount": str(self.amount),
            "without_link": str(self.without_link),
            "currency": self.price.currency,
            "read_on": self.price.read_on.isoformat(),
            "source": self.price.source,
        }


@dataclass(frozen=True, slots=True)
class Bill:
    """What an account's posts cost together."""

    account: str
    price: Price
    posts: int
    amount: Decimal
    without_link: Decimal

    def __str__(self) -> str:
        told = (
            f"{self.account}: {self.posts} {'post costs' if self.posts == 1 else 'posts cost'} {self.amount} "
            f"{self.price.currency} by the prices of {self.price.read_on}"
        )
        if self.without_link == self.amount:
            return f"{told}."
        return f"{told}; without links {self.without_link}: write `link = false` under [accounts.{self.account}]."

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; amounts are texts, so that none is rounded."""
        return {
            "account": self.account,
            "posts": self.posts,
            "amount": str(self.amount),
            "without_link": str(self.without_link),
            "currency": self.price.currency,
        }


def cost_of(channel: Channel[Any], post: Post) -> Cost | None:
    """Return what publishing ``post`` costs; ``None`` where the network takes nothing or nobody knows what."""
    price = channel.traits.price
    if price is None:
        return None
    amount = sum((channel.price(part) or Decimal(0) for part in post.parts), Decimal(0))
    return Cost(post.account, price, amount, price.amount * len(post.parts))


def bills(costs: Iterable[Cost]) -> list[Bill]:
    """Return one bill for each account, in alphabetical order."""
    found: dict[str, Bill] = {}
    for cost in costs:
        bill = found.get(cost.account) or Bill(cost.account, cost.price, 0, Decimal(0), Decimal(0))
        found[cost.account] = replace(
            bill,
            posts=bill.posts + 1,
            amount=bill.amount + cost.amount,
            without_link=bill.without_link + cost.without_link,
        )
    return [found[name] for name in sorted(found)]
