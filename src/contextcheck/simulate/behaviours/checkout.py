"""A checkout that loses orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.simulate.behaviours.interface import FOR_GOOD, at_work
from contextcheck.simulate.draft import CAUSE, STATUS, seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TIMES = ("created_at", "paid_at", "shipped_at", "delivered_at", "event_at")


@dataclass(frozen=True, slots=True)
class CheckoutFault:
    """A new checkout loses orders: they are cancelled within minutes; some shoppers try again.

    Attributes:
        region: Where.
        first_day: Place of the first day in the calendar.
        last_day: Place of the last day.
        fail_share: Share of orders that fail, whatever is in them and whoever placed them, 0 to 1.
        retry_share: Share of failed orders that are placed again and then go through, 0 to 1.
        cancel_minutes: Median minutes until the failed order is cancelled.
    """

    region: str = "DE"
    first_day: int = 0
    last_day: int = FOR_GOOD
    fail_share: float = 0.15
    retry_share: float = 0.35
    cancel_minutes: float = 4.0

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        size = len(draft)
        fails = at_work(draft, self) & (rng.random(size) < self.fail_share)
        fails &= draft["outcome"].to_numpy() != STATUS["expired_unpaid"]
        minutes = np.minimum(rng.lognormal(np.log(self.cancel_minutes), 0.6, size), 45.0)
        again = fails & (rng.random(size) < self.retry_share)
        wait = seconds(60 * (minutes + rng.uniform(1, 12, size)))[again]
        retries = draft[again]
        moved = {name: retries[name].to_numpy() + wait for name in _TIMES}
        retries = retries.assign(row=-1, cause=np.int8(CAUSE["retry"]), **moved)
        return pd.concat([cancelled_early(draft, fails, minutes, CAUSE["checkout_fault"]), retries], ignore_index=True)


def cancelled_early(
    draft: pd.DataFrame, rows: NDArray[np.bool_], minutes: NDArray[np.float64], cause: int
) -> pd.DataFrame:
    """Orders cancelled as a whole some minutes after they were placed, never sent."""
    created = draft["created_at"].to_numpy().astype("datetime64[s]")
    missing = np.datetime64("NaT")
    return draft.assign(
        outcome=np.where(rows, STATUS["cancelled"], draft["outcome"].to_numpy()).astype(np.int8),
        event_at=np.where(rows, created + seconds(60 * minutes), draft["event_at"].to_numpy()),
        shipped_at=np.where(rows, missing, draft["shipped_at"].to_numpy()),
        delivered_at=np.where(rows, missing, draft["delivered_at"].to_numpy()),
        kept_total=np.where(rows, 0.0, draft["kept_total"].to_numpy()),
        kept_items=np.where(rows, 0, draft["kept_items"].to_numpy()),
        cause=np.where(rows, cause, draft["cause"].to_numpy()).astype(np.int8),
    )
