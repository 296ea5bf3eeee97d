"""Orders of one market for the calibration of the signs, made with numpy and pandas alone.

Nothing of the signs is used here. Four kinds of market, all without any effect unless one is asked for:

- plain: 1,500 customers, most order once or twice
- few: 60 customers who order all the time, each with habits of the own
- heavy: a few bulk buyers make a third of the orders; each has habits of the own
- weekday: twice the orders on Saturdays and cancels that are half as frequent on Sundays
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

Columns = dict[str, np.ndarray]
FIRST = np.datetime64("2026-01-05")  # a Monday
PAST_DAYS, WINDOW_DAYS = 56, 14
LINE = 50.0


@dataclass(frozen=True)
class Kind:
    """How a market's customers order."""

    customers: int
    skew: float
    loyalty: float
    orders_per_day: float = 30.0
    weekday_orders: tuple[float, ...] = (1, 1, 1, 1, 1, 1, 1)
    weekday_rate: tuple[float, ...] = (1, 1, 1, 1, 1, 1, 1)


KINDS = {
    "plain": Kind(1500, 0.2, 0.0),
    "few": Kind(60, 0.3, 0.6),
    "heavy": Kind(600, 1.0, 0.6),
    "weekday": Kind(1500, 0.2, 0.0, 30.0, (0.8, 0.8, 0.9, 0.9, 1.2, 1.6, 1.0), (1, 1, 1.1, 1.1, 1, 1.3, 0.5)),
}


RING, LONE = 24, 12
"""Accounts of the ring, and accounts that share nothing."""


@dataclass(frozen=True)
class Effect:
    """What happens in the window; everything 0 or 1 is no effect.

    Attributes:
        spike: Cancel rate times this, for everybody.
        padded: Share of the orders that stand at 1.00 to 1.12 of the line and are trimmed.
        kept: Share of the cancelled orders that keep part.
        quick: Share of the cancelled orders that are cancelled within a day.
        segment: Cancel rate of bank transfers (a fifth of the orders) times this, on top.
        segment_orders: Orders by bank transfer times this.
        young: Cancel rate of new accounts times this.
        discounted: Cancel rate of discounted orders times this.
        product: Cancel rate of one product of 40 times this.
        exposed: Cancel rate of exposed orders (half) times this.
        linked: Orders of a ring of 24 accounts on three devices, all cancelled.
        bulk: Orders of one customer, all cancelled.
        lone: Orders of 12 accounts that share nothing, all cancelled.
        named: Cancel rate on the two named days times this.
        volume: Orders times this.
        value: Kept value per order times this.
        again: Share of the orders that the same customer orders again within a day.
        twin: Share of the orders that are ordered twice within minutes.
        contact: Added share of the orders followed by a contact.
        score: Change of the survey score, in points of 1 to 5.
    """

    spike: float = 1.0
    padded: float = 0.0
    kept: float = 0.3
    quick: float = 0.5
    segment: float = 1.0
    segment_orders: float = 1.0
    young: float = 1.0
    discounted: float = 1.0
    product: float = 1.0
    exposed: float = 1.0
    linked: int = 0
    bulk: int = 0
    lone: int = 0
    named: float = 1.0
    volume: float = 1.0
    value: float = 1.0
    again: float = 0.0
    twin: float = 0.0
    contact: float = 0.0
    score: float = 0.0


NAMED = np.array([61, 68])
"""Days of the window that an entry names: both Saturdays, so that a habit of Saturdays is the trap."""


def market(rng: np.random.Generator, kind: Kind, effect: Effect, cancel_rate: float = 0.08) -> pd.DataFrame:
    """Give the orders of one market; the effect lies in the last 14 of 70 days."""
    day, customer = _placed(rng, kind, effect)
    count, window = len(day), day >= PAST_DAYS
    habit = _habits(rng, kind)
    frame: Columns = {"customer": customer, "day": day}
    method = np.where(
        window & (rng.random(count) < 0.2 * (effect.segment_orders - 1)), 1, _drawn(rng, habit, customer, "method", 5)
    )
    product = _drawn(rng, habit, customer, "product", 40)
    discounted = _drawn(rng, habit, customer, "discount", 4) == 0
    young = habit["age"][customer] < 30
    exposed = window & (rng.random(count) < 0.5)
    rate = cancel_rate * habit["rate"][customer] * np.array(kind.weekday_rate)[day % 7]
    lifted = np.ones(count)
    for chosen, factor in (
        (window, effect.spike), (window & (method == 1), effect.segment), (window & young, effect.young),
        (window & discounted, effect.discounted), (window & (product == 7), effect.product),
        (exposed, effect.exposed), (np.isin(day, NAMED), effect.named),
    ):  # fmt: skip
        lifted = np.where(chosen, lifted * factor, lifted)
    cancelled = rng.random(count) < np.minimum(rate * lifted, 0.95)
    total = np.round(np.exp(rng.normal(np.log(42), 0.5, count)) * habit["size"][customer], 2)
    heaped = rng.random(count) < 0.15
    total = np.where(heaped, np.maximum(5.0, np.round(total / 5) * 5), total)  # round prices, everywhere and always
    keeps = cancelled & (
        rng.random(count) < np.where(habit["keeps"][customer] < 0, effect.kept, habit["keeps"][customer])
    )
    hours = np.where(rng.random(count) < effect.quick, rng.uniform(0.1, 23.0, count), rng.uniform(25.0, 90.0, count))
    padded = window & ~cancelled & (rng.random(count) < effect.padded)
    total = np.where(padded, LINE * rng.uniform(1.0, 1.12, count), total)
    cancelled, keeps = cancelled | padded, keeps | padded
    value = np.where(window, total * effect.value, total)
    frame |= {"total": value, "cancelled": cancelled, "keeps": keeps, "hours": hours, "method": method}
    frame |= {"product": product, "discounted": discounted, "young": young, "exposed": exposed}
    return _canonical(rng, _with_extras(rng, frame, effect, kind), habit, kind)


def _placed(rng: np.random.Generator, kind: Kind, effect: Effect) -> tuple[np.ndarray, np.ndarray]:
    volume = kind.orders_per_day * np.array(kind.weekday_orders)[np.arange(PAST_DAYS + WINDOW_DAYS) % 7]
    volume[PAST_DAYS:] *= effect.volume
    day = np.repeat(np.arange(len(volume)), rng.poisson(volume))
    share = 1.0 / np.arange(1, kind.customers + 1) ** kind.skew
    return day, rng.choice(kind.customers, len(day), p=share / share.sum())


def _habits(rng: np.random.Generator, kind: Kind) -> Columns:
    """Per customer: how often they cancel, what they buy, how they pay; -1 where there is no habit."""
    n, loyal = kind.customers, rng.random(kind.customers) < kind.loyalty
    habits = {
        "rate": np.where(loyal, rng.gamma(0.7, 1 / 0.7, n), 1.0),
        "size": np.where(loyal, np.exp(rng.normal(0, 0.4, n)), 1.0),
        "keeps": np.where(loyal, np.clip(rng.beta(0.6, 1.4, n), 0, 1), -1.0),
        "age": rng.uniform(0, 300, n),
        "device": np.arange(n),
    }
    for name, values in (("method", 5), ("product", 40), ("discount", 4)):
        habits[name] = np.where(loyal, rng.integers(0, values, n), -1)
    shared = rng.random(n) < 0.15
    habits["device"] = np.where(shared, n + rng.integers(0, max(n // 30, 2), n), habits["device"])
    return habits


def _drawn(rng: np.random.Generator, habit: Columns, customer: np.ndarray, name: str, values: int) -> np.ndarray:
    own = habit[name][customer]
    return np.where(own >= 0, own, rng.integers(0, values, len(customer)))


def _with_extras(rng: np.random.Generator, made: Columns, effect: Effect, kind: Kind) -> Columns:
    """A ring, one bulk buyer, orders again, twins."""
    count = len(made["day"])
    made = made | {"ring": np.full(count, -1), "at": rng.uniform(0, 24, count)}
    parts = [made]
    if effect.linked:
        ring = np.arange(effect.linked) % RING
        cancels = _all_cancelled(rng, made, effect.linked)
        parts.append(cancels | {"ring": ring, "customer": kind.customers + ring})
    if effect.bulk:
        parts.append(_all_cancelled(rng, made, effect.bulk) | {"customer": np.zeros(effect.bulk, dtype=np.int64)})
    if effect.lone:
        account = kind.customers + RING + np.arange(effect.lone) % LONE
        parts.append(_all_cancelled(rng, made, effect.lone) | {"customer": account})
    for share, low, high in ((effect.again, 0.5, 20.0), (effect.twin, 0.02, 0.2)):
        if share:
            picked = np.flatnonzero(rng.random(count) < share)
            chosen = {name: values[picked] for name, values in made.items()}
            parts.append(chosen | {"at": chosen["at"] + rng.uniform(low, high, len(picked))})
    return {name: np.concatenate([part[name] for part in parts]) for name in made}


def _all_cancelled(rng: np.random.Generator, made: Columns, count: int) -> Columns:
    """Orders like any others, in the window, all cancelled whole."""
    picked = rng.integers(0, len(made["day"]), count)
    day = rng.integers(PAST_DAYS, PAST_DAYS + WINDOW_DAYS, count)
    taken = {name: values[picked] for name, values in made.items()}
    yes, no = np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    return taken | {"day": day, "at": rng.uniform(0, 24, count), "cancelled": yes, "keeps": no}


def _canonical(rng: np.random.Generator, made: Columns, habit: Columns, kind: Kind) -> pd.DataFrame:
    """The columns and words of the orders contract, in the order of time."""
    seconds = ((made["day"] * 24 + made["at"]) * 3600).astype(np.int64)
    order = np.argsort(seconds, kind="stable")
    made = {name: values[order] for name, values in made.items()}
    created = FIRST.astype("datetime64[us]") + (seconds[order] * 1_000_000).astype("timedelta64[us]")
    cancelled, keeps, total = (made[name] for name in ("cancelled", "keeps", "total"))
    customer, ring = made["customer"], made["ring"]
    device = np.where(
        ring >= 0, 2 * kind.customers + ring // 8, habit["device"][np.minimum(customer, kind.customers - 1)]
    )
    lone = customer - kind.customers - RING
    device = np.where(lone >= 0, 2 * kind.customers + 3 + lone, device)
    kept = np.where(cancelled, np.where(keeps, total * rng.uniform(0.4, 0.9, len(order)), 0.0), total)
    ended = created + (made["hours"] * 3.6e9).astype("timedelta64[us]")
    age = np.where(ring >= 0, 3.0, np.where(made["young"], 10.0, 200.0))
    return pd.DataFrame(
        {
            "created_at": created,
            "status": _coded(("delivered", "cancelled", "partially_cancelled"), np.where(cancelled, 1 + keeps, 0)),
            "customer_id": _coded(_named("c", kind.customers + RING + LONE), customer),
            "order_total": total,
            "retained_total": kept,
            "cancelled_at": np.where(cancelled, ended, np.datetime64("NaT")),
            "payment_method": _coded(("card", "bank", "wallet", "cash", "points"), made["method"]),
            "product_id": _coded(_named("p", 40), made["product"]),
            "device_id": _coded(_named("d", 2 * kind.customers + 3 + LONE), device),
            "discount_total": np.where(made["discounted"], 3.0, 0.0),
            "account_created_at": created - (age * 86_400_000_000).astype("timedelta64[us]"),
            "feature_exposed": made["exposed"],
        }
    )


@lru_cache
def _named(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{number}" for number in range(count))


@lru_cache
def _type(words: tuple[str, ...]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(list(words))


def _coded(words: tuple[str, ...], codes: np.ndarray) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, dtype=_type(words))


def said(rng: np.random.Generator, frame: pd.DataFrame, effect: Effect, share: float, *, scored: bool) -> pd.DataFrame:
    """Contacts (or answers with a score) of a share of the orders; whoever contacts once does so more often."""
    start = FIRST + np.timedelta64(PAST_DAYS, "D")
    window = frame["created_at"].to_numpy() >= start
    names = frame["customer_id"].cat.codes.to_numpy()
    habit = rng.gamma(1.0, 1.0, names.max() + 1)
    chance = np.minimum(share * habit[names] + np.where(window, effect.contact, 0.0), 1.0)
    chosen = rng.random(len(frame)) < chance
    rows = frame[chosen]
    mood = rng.normal(0, 0.7, names.max() + 1)[names[chosen]]
    score = 3.5 + mood + rng.normal(0, 0.7, len(rows)) + np.where(window[chosen], effect.score, 0.0)
    passed = pd.to_timedelta(rng.uniform(0.5, 70, len(rows)), unit="h").floor("s")
    said_rows = pd.DataFrame(
        {"created_at": rows["created_at"] + passed, "customer_id": rows["customer_id"].astype(str)}
    )
    if scored:
        said_rows["score"] = np.clip(score, 1, 5)
    return said_rows.assign(topic="delivery", language="ko").reset_index(drop=True)


def share_again(frame: pd.DataFrame, hours: float = 24.0) -> float:
    """Share of the orders of the window that the same customer follows with another one."""
    ordered = frame.sort_values(["customer_id", "created_at"], kind="stable")
    gap = ordered.groupby("customer_id", observed=True)["created_at"].shift(-1) - ordered["created_at"]
    end = frame["created_at"].max() - pd.Timedelta(hours=hours)
    inside = (ordered["created_at"] >= FIRST + np.timedelta64(PAST_DAYS, "D")) & (ordered["created_at"] <= end)
    return float((gap[inside] <= pd.Timedelta(hours=hours)).mean())


def share_twins(frame: pd.DataFrame, hours: float = 0.25) -> float:
    """Share of the orders of the window that have another one of the same customer and amount within minutes."""
    ordered = frame.sort_values(["customer_id", "order_total", "created_at"], kind="stable")
    grouped = ordered.groupby(["customer_id", "order_total"], observed=True)["created_at"]
    near = pd.Timedelta(hours=hours)
    twin = (grouped.shift(-1) - ordered["created_at"] <= near) | (ordered["created_at"] - grouped.shift(1) <= near)
    return float(twin[ordered["created_at"] >= FIRST + np.timedelta64(PAST_DAYS, "D")].mean())


def daily_rates(
    rng: np.random.Generator, regions: int, moves: np.ndarray, *, days: int = 70, rate: float = 0.08
) -> pd.DataFrame:
    """Events and exposure per region and day; region r's rate is times moves[r] in the last 14 days."""
    level = np.full((regions, days), rate) * np.exp(rng.normal(0, 0.05, (regions, 1)))
    level = level * np.exp(rng.normal(0, 0.03, (regions, days)))
    level[:, days - WINDOW_DAYS :] *= moves[:, None]
    exposure = rng.poisson(rng.integers(80, 400, regions)[:, None], (regions, days)) + 1
    events = rng.binomial(exposure, np.minimum(level, 0.95))
    day = FIRST + np.arange(days).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "region": np.repeat([f"R{r:02d}" for r in range(regions)], days),
            "day": np.tile(day.astype("datetime64[ns]"), regions),
            "events": events.ravel().astype(float),
            "exposure": exposure.ravel().astype(float),
        }
    )
