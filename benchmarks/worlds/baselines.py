"""Three simpler ways to decide about a launch, as shops do it today; they see the same orders as the program."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from scipy.stats import norm

from contextcheck.simulate.markets import INDEX_OF, MARKETS
from worlds.truth import HORIZON_DAYS, TrueWorld

CANCELLED = ("cancelled", "partially_cancelled", "changed")
ALARM_Z, ALARM_RATIO, SPARED_RATIO = 3.0, 1.2, 1.02
LEVEL_Z = float(norm.ppf(0.95))
NAMES = ("cancel-rate alarm", "alarm, spared when order value rose", "ledger with plain difference in differences")


def baseline_actions(world: TrueWorld, region: str) -> dict[str, str]:
    """Give what each baseline would do about a launched market: keep or roll back."""
    frame = _with_days(world)
    here = frame[frame["region"] == region]
    after, before = here[here["age"] >= 0], here[here["age"] < 0]
    alarm = _alarm(after, before)
    aov_ratio = after["order_total"].mean() / before["order_total"].mean()
    spared = "keep" if aov_ratio >= SPARED_RATIO else alarm
    return dict(zip(NAMES, (alarm, spared, _plain_did(world, frame, region)), strict=True))


def _with_days(world: TrueWorld) -> pd.DataFrame:
    """Orders with their age in local days since the launch (whole days only) and contribution in US dollars."""
    story, frame = world.story, world.orders
    zones = {market.code: market.zone for market in MARKETS}
    day = pd.Series(index=frame.index, dtype="datetime64[s]")
    for region, rows in frame.groupby("region").groups.items():
        local = frame.loc[rows, "created_at"].dt.tz_localize("UTC").dt.tz_convert(zones[str(region)])
        day.loc[rows] = local.dt.tz_localize(None).dt.normalize()
    launch = datetime.combine(story.calendar.day(story.first), datetime.min.time())
    age = (day - pd.Timestamp(launch)).dt.days
    frame = frame.assign(age=age, value=_contribution(frame, world))
    return frame[(age >= -story.first) & (age <= story.last - story.first)]


def _contribution(frame: pd.DataFrame, world: TrueWorld) -> pd.Series:
    """Contribution of each order as it stands today, by the shop's own unit costs."""
    costs, status = world.costs, frame["status"]
    rate = frame["region"].map({market.code: market.usd_rate for market in MARKETS}).astype(float)
    lost = status.isin(["refunded_no_return", "chargeback"])
    goods = (1 - costs.gross_margin) * frame["retained_total"].where(~lost, frame["order_total"])
    returned = status.isin(["returned", "partially_returned"])
    written_off = costs.return_writedown * (frame["order_total"] - frame["retained_total"]) * returned
    paid = ~status.isin(["pending", "awaiting_payment", "expired_unpaid"])
    local = frame["retained_total"] - goods + frame["shipping_fee"] - frame["shipping_cost"] - written_off
    local = local - costs.payment_rate * frame["order_total"] * paid
    fixed = costs.payment_fixed * paid + costs.cancel_handling * status.isin(CANCELLED)
    return local * rate - fixed - costs.return_handling * returned - costs.chargeback_fee * (status == "chargeback")


def _alarm(after: pd.DataFrame, before: pd.DataFrame) -> str:
    """Roll back when the share of cancelled or changed orders rose clearly."""
    high, low = (each["status"].isin(CANCELLED) for each in (after, before))
    pooled = (high.sum() + low.sum()) / (len(high) + len(low))
    error = np.sqrt(pooled * (1 - pooled) * (1 / len(high) + 1 / len(low)))
    z = (high.mean() - low.mean()) / error
    return "roll-back" if z > ALARM_Z and high.mean() / low.mean() > ALARM_RATIO else "keep"


def _plain_did(world: TrueWorld, frame: pd.DataFrame, region: str) -> str:
    """Roll back when contribution fell against the mean of untouched markets, certainly, by more than it costs."""
    daily = frame.groupby(["region", "age"])["value"].sum().unstack("region", fill_value=0.0)
    relative = daily / daily[daily.index < 0].mean()
    others = [code for code in relative.columns if code not in world.story.regions and code in INDEX_OF]
    gap = (relative[region] - relative[others].mean(axis=1)) * float(daily.loc[daily.index < 0, region].mean())
    after, before = gap[gap.index >= 0], gap[gap.index < 0]
    effect = float(after.mean() - before.mean())
    error = float(np.sqrt(after.var() / len(after) + before.var() / len(before)))
    is_certain = effect + LEVEL_Z * error < 0
    return "roll-back" if is_certain and -effect * HORIZON_DAYS > world.costs.roll_back else "keep"
