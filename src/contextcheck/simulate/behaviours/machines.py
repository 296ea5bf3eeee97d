"""Scripts at the checkout: card numbers tried, stock held, trials taken again, orders nobody wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.changes import copies, ended, times_of
from contextcheck.simulate.behaviours.crews import Crew, every, modelled, priced
from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.behaviours.paying import paid_by
from contextcheck.simulate.draft import hours, seconds
from contextcheck.simulate.markets import INDEX_OF, MARKETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHEAPEST_PRODUCT = 1_850
SCARCE_PRODUCTS = (1_860, 1_861)


@dataclass(frozen=True, slots=True)
class CardTesting:
    """A script tries card numbers in bursts: guests, the cheapest product, most declined, the rest voided at once.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        order_share: Attempts as a share of the market's other orders.
        attempts_per_device: Cards tried on one device before the next; few for a careful script.
        bursts: Number of attacks, each within one hour.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    order_share: float = 0.4
    attempts_per_device: int = 120
    bursts: int = 6

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = _in_bursts(draft, self, self.order_share, self.bursts, rng, "card_testing")
        attempt = np.arange(len(rows))
        # every attempt is a guest of its own with a card of its own
        rows = Crew(self.region, 2, self.attempts_per_device, ("device",), 0.01).orders_of(rows, attempt, rng)
        unit = MARKETS[INDEX_OF[self.region]].round_price
        rows = priced(rows, self.region, unit * rng.choice([1.0, 2.0], len(rows)))
        rows = rows.assign(product=np.int32(CHEAPEST_PRODUCT))
        when = times_of(rows, "created_at") + seconds(rng.uniform(2, 900, len(rows)))
        return pd.concat([draft, ended(rows, every(rows), "cancelled", when, "card_testing")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class StockHolding:
    """A few devices hold scarce goods without paying and order again minutes after each hold has lapsed.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        method: Way to pay whose deadline frees the goods.
        holds: Orders held at any moment.
        devices: Devices from which they are placed; as many as holds for a careful script.
    """

    region: str = "KR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    method: str = "virtual_account"
    holds: int = 60
    devices: int = 5

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        market = MARKETS[INDEX_OF[self.region]]
        deadline = next(payment.expiry_hours for payment in market.payments if payment.name == self.method)
        own = np.flatnonzero(at_work(draft, self) & paid_by(draft, self.method))
        if not own.size:
            return draft
        first, last = times_of(draft, "created_at")[own].min(), times_of(draft, "created_at")[own].max()
        rounds = int((last - first) / hours(np.array([deadline]))[0]) + 1
        hold = np.tile(np.arange(self.holds), rounds)
        turn = np.repeat(np.arange(rounds), self.holds)
        start = first + hours(rng.uniform(0, deadline, self.holds))[hold]
        created = (
            start
            + hours(np.asarray(turn * deadline, dtype=np.float64))
            + seconds(turn * 180 + rng.uniform(20, 160, hold.size))
        )
        inside = created <= last
        rows = copies(draft, rng.choice(own, int(inside.sum())), seconds(np.zeros(int(inside.sum()))), "stock_holding")
        rows = rows.assign(created_at=created[inside])
        cell = max(self.holds // self.devices, 1)
        rows = Crew(self.region, 3, cell, ("device",), 20).orders_of(rows, hold[inside], rng)
        rows = priced(rows, self.region, np.full(len(rows), 2.0 * market.basket_median))
        rows = rows.assign(product=rng.choice(SCARCE_PRODUCTS, len(rows)).astype(np.int32))
        when = times_of(rows, "created_at") + hours(np.full(len(rows), deadline))
        return pd.concat([draft, ended(rows, every(rows), "expired_unpaid", when, "stock_holding")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class TrialCycling:
    """The same few people take a trial again and again under new names and end it on its last day.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        order_share: Trials as a share of the market's other orders.
        cell: Trials that share device and payment; 1 for careful people.
        trial_days: Length of the trial.
    """

    region: str = "US"
    first_day: int = 0
    last_day: int = FOR_GOOD
    order_share: float = 0.25
    cell: int = 15
    trial_days: float = 7.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = modelled(draft, self, self.order_share, rng, "trials")
        crew = Crew(self.region, 4, self.cell, ("device", "payment"), 0.01)
        rows = crew.orders_of(rows, rng.permutation(len(rows)), rng)
        rows = priced(rows, self.region, np.full(len(rows), 0.25 * MARKETS[INDEX_OF[self.region]].basket_median))
        when = times_of(rows, "created_at") + hours(24 * self.trial_days - rng.uniform(0.5, 20, len(rows)))
        return pd.concat([draft, ended(rows, every(rows), "cancelled", when, "trials")], ignore_index=True)


@dataclass(frozen=True, slots=True)
class Bots:
    """Scripts that look at the checkout place orders that are never paid, from a few machines.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        order_share: Their orders as a share of the market's other orders.
        orders_per_device: Orders from one machine before the next.
        bursts: Number of visits, each within one hour.
    """

    region: str = "FR"
    first_day: int = 0
    last_day: int = FOR_GOOD
    order_share: float = 0.3
    orders_per_device: int = 100
    bursts: int = 20

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = _in_bursts(draft, self, self.order_share, self.bursts, rng, "bots")
        crew = Crew(self.region, 5, self.orders_per_device, ("device",), 0.01)
        rows = crew.orders_of(rows, np.arange(len(rows)), rng)
        when = times_of(rows, "created_at") + hours(np.full(len(rows), 1.0))
        return pd.concat([draft, ended(rows, every(rows), "expired_unpaid", when, "bots")], ignore_index=True)


def _in_bursts(
    draft: pd.DataFrame,
    behaviour: CardTesting | Bots,
    order_share: float,
    bursts: int,
    rng: np.random.Generator,
    cause: str,
) -> pd.DataFrame:
    """Additional orders that come in attacks of one hour each, in the order of their times."""
    rows = modelled(draft, behaviour, order_share, rng, cause)
    if not len(rows):
        return rows
    starts: NDArray[np.datetime64] = rng.choice(times_of(rows, "created_at"), bursts)
    created = starts[rng.integers(0, bursts, len(rows))] + seconds(rng.uniform(0, 3_600, len(rows)))
    return rows.assign(created_at=np.sort(created))
