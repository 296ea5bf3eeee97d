"""Small worlds with a known cause, made with numpy alone; nothing of the package is used to make them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pandas as pd

from contextcheck.explain.slices import Scene, Slice, make_slice
from contextcheck.knowledge.lines import Line
from contextcheck.knowledge.metrics import Metric, ValueChoice
from contextcheck.knowledge.signs import SIGN_SPECS, Sign
from contextcheck.panel.table import Panel
from contextcheck.records import Money, Window

FIRST_DAY = date(2026, 1, 5)  # a Monday
PAST_DAYS, WINDOW_DAYS = 56, 14
WINDOW = Window(FIRST_DAY + timedelta(days=PAST_DAYS), FIRST_DAY + timedelta(days=PAST_DAYS + WINDOW_DAYS - 1))
BEFORE = Window(FIRST_DAY, WINDOW.start - timedelta(days=1))
LINE = Line(36.0, Money(Decimal(50000), "KRW"), "given")

CANCEL = Metric(
    "cancel_rate", "Orders cancelled", "rate", "share of orders", "status in ('cancelled', 'partially_cancelled')"
)
ORDERS = Metric("orders", "Orders", "count", "orders")
AOV = Metric("aov", "Order value", "mean", "money", values=(ValueChoice("order_total"),))


def sign(test: str, weight: str = "strong", role: str = "sign", **options: object) -> Sign:
    spec = SIGN_SPECS[test]
    filled = {name: option.default for name, option in spec.options.items()} | options
    return Sign(test, filled, weight, role)  # type: ignore[arg-type]


def quiet(
    seed: int, *, orders_per_day: int = 200, customers: int = 6000, cancel_rate: float = 0.06, is_lean: bool = False
) -> pd.DataFrame:
    """Ordinary weeks: lognormal baskets, Zipf-like repeat buying, weekday cycle, a steady share cancelled."""
    return _quiet(seed, orders_per_day, customers, cancel_rate, is_lean).copy()


@lru_cache(maxsize=8)
def _quiet(seed: int, orders_per_day: int, customers: int, cancel_rate: float, is_lean: bool) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    weekday = np.array([1.0, 0.95, 1.0, 1.0, 1.1, 1.3, 1.2])
    per_day = [rng.poisson(orders_per_day * weekday[d % 7]) for d in range(PAST_DAYS + WINDOW_DAYS)]
    day = np.repeat(np.arange(len(per_day)), per_day)
    count = len(day)
    popularity = 1 / np.arange(1, customers + 1) ** 0.4
    customer = rng.choice(customers, count, p=popularity / popularity.sum())
    total = np.exp(rng.normal(np.log(34), 0.6, count))
    created = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(day * 86400 + rng.integers(0, 86400, count), unit="s")
    cancelled = rng.random(count) < cancel_rate
    frame = pd.DataFrame({"created_at": created, "customer_id": np.char.mod("c%05d", customer), "order_total": total})
    frame["status"] = np.where(cancelled, "cancelled", "delivered")
    frame["retained_total"] = np.where(cancelled, 0.0, total)
    frame["cancelled_at"] = created + pd.to_timedelta(np.where(cancelled, rng.exponential(40, count), np.nan), unit="h")
    if is_lean:
        return frame
    frame["payment_method"] = rng.choice(["card", "bank_transfer", "wallet"], count, p=[0.6, 0.2, 0.2])
    frame["channel"] = rng.choice(["app", "web"], count)
    frame["product_id"] = np.char.mod("p%d", rng.integers(0, 300, count))
    frame["account_created_at"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(customer * 90, unit="m")
    for name in ("device", "address", "payment"):
        frame[f"{name}_id"] = np.char.mod(f"{name}%d", customer)
    frame["address_id"] = [f"home{c // 2 if c % 5 == 0 else c + 10**6}" for c in customer]
    return floored(frame)


def floored(frame: pd.DataFrame) -> pd.DataFrame:
    """Times to the microsecond, as engines keep them."""
    times = frame.select_dtypes("datetime").columns
    return frame.assign(**{name: frame[name].dt.floor("s").astype("datetime64[us]") for name in times})


def in_window(frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(frame["created_at"] >= pd.Timestamp(WINDOW.start))


def with_padding(frame: pd.DataFrame, seed: int, share: float = 0.15) -> pd.DataFrame:
    """In the window a share of the orders is padded to 1.00 to 1.12 of the line and trimmed within a day."""
    rng = np.random.default_rng(seed + 1)
    frame = frame.copy()
    below = in_window(frame) & (frame["status"] == "delivered")
    chosen = np.flatnonzero(below & (rng.random(len(frame)) < share))
    total = LINE.amount * rng.uniform(1.0, 1.12, len(chosen))
    frame.loc[chosen, "order_total"] = total
    frame.loc[chosen, "retained_total"] = total * rng.uniform(0.5, 0.9, len(chosen))
    frame.loc[chosen, "status"] = "partially_cancelled"
    frame.loc[chosen, "cancelled_at"] = frame.loc[chosen, "created_at"] + pd.to_timedelta(
        rng.uniform(0.1, 20, len(chosen)), unit="h"
    ).floor("s")
    return frame


def with_ring(frame: pd.DataFrame, seed: int, accounts: int = 40, orders: int = 200) -> pd.DataFrame:
    """New accounts on a few devices order one product in the window and cancel all of it at once."""
    rng = np.random.default_rng(seed + 2)
    member = np.arange(orders) % accounts
    created = pd.Timestamp(WINDOW.start) + pd.to_timedelta(rng.integers(0, WINDOW_DAYS * 86400, orders), unit="s")
    total = np.exp(rng.normal(np.log(60), 0.3, orders))
    ring = pd.DataFrame({"created_at": created, "customer_id": [f"ring{m:03d}" for m in member], "order_total": total})
    ring["status"], ring["retained_total"] = "cancelled", 0.0
    ring["cancelled_at"] = created + pd.to_timedelta(rng.uniform(0.05, 0.5, orders), unit="h")
    ring["payment_method"], ring["channel"] = "card", "web"
    ring["product_id"] = np.where(rng.random(orders) < 0.8, "p7", "p8")
    ring["account_created_at"] = pd.Timestamp(WINDOW.start) - pd.Timedelta(days=3)
    ring["device_id"] = [f"ringdevice{m // 8}" for m in member]
    ring["address_id"] = [f"ringaddress{m % 8}" for m in member]
    ring["payment_id"] = [f"ringcard{m}" for m in member]
    return pd.concat([frame, floored(ring)], ignore_index=True)


def empty_panel() -> Panel:
    columns = ["region", "day", "metric", "events", "exposure", "value_sum", "value_sumsq", "is_complete", "is_mature"]
    return Panel(pd.DataFrame(columns=columns), {}, (), WINDOW.end, {})


def slice_of(frame: pd.DataFrame, metric: Metric = CANCEL, **scene: object) -> Slice:
    """The slice of a world; the event is computed here, by hand."""
    given = {
        "region": "KR",
        "metric": metric,
        "direction": "up",
        "window": WINDOW,
        "before": BEFORE,
        "before_reason": "",
        "lines": {"free_shipping_threshold": LINE},
        "panel": empty_panel(),
    }
    exposure = np.ones(len(frame))
    if metric.kind == "rate":
        amount = frame["status"].isin(["cancelled", "partially_cancelled"]).to_numpy(dtype=float)
    elif metric.kind == "count":
        amount = np.ones(len(frame))
    else:
        amount = frame["order_total"].to_numpy(dtype=float)
    day = frame["created_at"].to_numpy().astype("datetime64[D]")
    return make_slice(Scene(**(given | scene)), frame, day, amount, exposure)  # type: ignore[arg-type]
