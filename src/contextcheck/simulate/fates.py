"""What usually becomes of orders: paid or not, cancelled, delivered, refused, sent back, disputed; and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.draft import STATUS, Calendar, hours, stream
from contextcheck.simulate.markets import MARKETS, PAYMENT_NAMES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

CANCEL_PRECISION = 900.0
RETURN_PRECISION = 700.0
PLATFORM_RATE_WOBBLE = 0.04
PARTIAL_SHARE_OF_CANCELS = 0.22
CHANGED_SHARE = 0.014
PARTIAL_SHARE_OF_RETURNS = 0.42
REFUNDED_UNSENT_SHARE = 0.0025
DISPUTED_CARD_SHARE = 0.0016
# Sent back more or less often than the market's rate, in the order of CATEGORIES.
RETURN_BY_CATEGORY = (1.55, 0.55, 0.85, 0.25, 1.05, 0.7, 0.4, 1.0)


def add_fates(draft: pd.DataFrame, calendar: Calendar, *, seed: int) -> pd.DataFrame:
    """Add outcome, its time, what is kept, and the way of the parcel.

    Args:
        draft: Rows with market, day, instant, shopper and basket.
        calendar: The days.
        seed: Same seed, same fates.
    """
    rng = stream(seed, "fates")
    size = len(draft)
    region = draft["region_index"].to_numpy()
    unpaid, refused, pay_hours, expiry, card = _payment_traits(region, draft["method"].to_numpy())
    cancel_rate, return_rate = (table[region, draft["day"].to_numpy()] for table in _daily_rates(calendar, seed))
    return_rate = return_rate * np.array(RETURN_BY_CATEGORY)[draft["category"].to_numpy()]
    outcome = np.full(size, STATUS["delivered"], dtype=np.int8)
    # Later lines win: an order that is never paid cannot come back.
    for status, chance in (
        ("chargeback", DISPUTED_CARD_SHARE * card),
        ("refunded_no_return", np.full(size, REFUNDED_UNSENT_SHARE)),
        ("returned", return_rate * (1 - PARTIAL_SHARE_OF_RETURNS)),
        ("partially_returned", return_rate * PARTIAL_SHARE_OF_RETURNS),
        ("refused", refused),
        ("changed", np.full(size, CHANGED_SHARE)),
        ("partially_cancelled", cancel_rate * PARTIAL_SHARE_OF_CANCELS),
        ("cancelled", cancel_rate * (1 - PARTIAL_SHARE_OF_CANCELS)),
        ("expired_unpaid", unpaid),
    ):
        outcome[rng.random(size) < chance] = STATUS[status]
    draft = draft.assign(outcome=outcome)
    draft = _with_times(draft, pay_hours, expiry, rng)
    return _with_kept(draft, rng)


def _payment_traits(
    region: NDArray[np.int16], method: NDArray[np.int8]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Unpaid share, refused share, hours to pay, hours to expiry and whether it is a card, per order."""
    table = np.zeros((5, len(MARKETS), len(PAYMENT_NAMES)))
    for index, market in enumerate(MARKETS):
        for payment in market.payments:
            place = PAYMENT_NAMES.index(payment.name)
            table[:, index, place] = (
                payment.unpaid_share,
                payment.refused_share,
                payment.hours_to_pay,
                payment.expiry_hours,
                float(payment.is_card),
            )
    unpaid, refused, pay_hours, expiry, card = table[:, region, method]
    return unpaid, refused, pay_hours, expiry, card


def _daily_rates(calendar: Calendar, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cancel and return rate of every market and day: more spread than chance alone gives, part of it platform-wide."""
    rng = stream(seed, "daily rates")
    platform = np.exp(rng.normal(0, PLATFORM_RATE_WOBBLE, calendar.days))

    def drawn(rate: float, precision: float) -> NDArray[np.float64]:
        return rng.beta(rate * precision, (1 - rate) * precision, calendar.days) * platform

    cancels = np.array([drawn(market.cancel_rate, CANCEL_PRECISION) for market in MARKETS])
    returns = np.array([drawn(market.return_rate, RETURN_PRECISION) for market in MARKETS])
    return cancels, returns


def _with_times(
    draft: pd.DataFrame, pay_hours: NDArray[np.float64], expiry: NDArray[np.float64], rng: np.random.Generator
) -> pd.DataFrame:
    """Add paid, shipped, delivered and the time of the outcome."""
    size = len(draft)
    created = draft["created_at"].to_numpy().astype("datetime64[s]")
    outcome = draft["outcome"].to_numpy()
    delivery_days = np.array([market.delivery_days for market in MARKETS])[draft["region_index"].to_numpy()]
    to_pay = np.minimum(pay_hours * rng.lognormal(-0.2, 0.7, size), 0.97 * expiry)
    paid = created + hours(to_pay + 0.01)
    shipped = paid + hours(26 + 10 * rng.random(size))
    delivered = shipped + hours(24 * np.maximum(delivery_days - 1, 0.5) * rng.lognormal(0, 0.28, size))
    early = created + hours(np.minimum(rng.lognormal(np.log(7.0), 1.2, size), 25.5))
    event = np.full(size, np.datetime64("NaT"), dtype="datetime64[s]")
    back = delivered + hours(24 * np.minimum(2.5 + rng.lognormal(np.log(6.5), 0.55, size), 31))
    for statuses, when in (
        (("cancelled", "partially_cancelled", "changed"), early),
        (("expired_unpaid",), created + hours(expiry)),
        (("refused",), delivered + hours(6 * rng.random(size))),
        (("returned", "partially_returned"), back),
        (("refunded_no_return",), delivered + hours(24 * (1 + 5 * rng.random(size)))),
        (("chargeback",), delivered + hours(24 * rng.uniform(12, 75, size))),
    ):
        rows = np.isin(outcome, [STATUS[status] for status in statuses])
        event[rows] = when[rows]
    never_paid = outcome == STATUS["expired_unpaid"]
    never_sent = never_paid | (outcome == STATUS["cancelled"])
    missing = np.datetime64("NaT")
    return draft.assign(
        paid_at=np.where(never_paid, missing, paid),
        shipped_at=np.where(never_sent, missing, shipped),
        delivered_at=np.where(never_sent, missing, delivered),
        event_at=event,
    )


def _with_kept(draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add what the customer keeps in the end."""
    from contextcheck.simulate.draft import NOT_KEPT

    size = len(draft)
    outcome, total, items = (draft[name].to_numpy() for name in ("outcome", "order_total", "items"))
    in_part = np.isin(outcome, [STATUS[name] for name in ("partially_cancelled", "changed", "partially_returned")])
    share = np.where(in_part, rng.uniform(0.25, 0.9, size), 1.0)
    share[np.isin(outcome, NOT_KEPT)] = 0.0
    unit = np.array([market.price_unit for market in MARKETS])[draft["region_index"].to_numpy()]
    kept = np.round(np.round(total * share / unit) * unit, 2)
    kept_items = np.where(in_part, np.maximum(1, np.floor(items * share)), np.where(share > 0, items, 0))
    return draft.assign(kept_total=kept, kept_items=kept_items.astype(np.int64))
