"""A small shop for the gate: five markets, a launch in two of them, drawn by numpy alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

REGIONS = ("KR", "DE", "FR", "GB", "US")
FIRST = datetime(2026, 1, 5)
START = datetime(2026, 3, 2)
DAYS = 105
LAUNCH = "launches=[{feature: bar, regions: [KR, DE], start: 2026-03-02}]"
SETTINGS = """\
orders: {path: orders.csv, timezone: local}
currency: USD
launches:
  - {feature: bar, regions: [KR, DE], start: 2026-03-02}
costs: {gross_margin: 0.5, roll_back: 2000, shipping_cost: 0, cancel_handling: 0, payment_rate: 0, payment_fixed: 0}
"""


def write_shop(
    folder: Path,
    *,
    change: dict[str, float] | None = None,
    cancel: dict[str, float] | None = None,
    per_day: int = 60,
    days: int = DAYS,
    fail_on: tuple[str, int] | None = None,
    free_on: tuple[str, int] | None = None,
    silent_from: tuple[str, int] | None = None,
    thin_from: int | None = None,
    exposed_share: float | None = None,
    seed: int = 3,
) -> Path:
    """Write orders.csv and contextcheck.yaml.

    Args:
        folder: Where.
        change: Region to the factor on its order values since the launch.
        cancel: Region to the share of orders that are cancelled since the launch; 5 % otherwise.
        per_day: Orders per market and day.
        days: Days from 5 January.
        fail_on: Region and day since the launch on which 7 of 10 orders are cancelled.
        free_on: Region and day on which orders are worth nothing.
        silent_from: Region and day from which on it has no orders.
        thin_from: Day since the launch from which on the untouched markets have a tenth of their orders.
        exposed_share: Share of customers who see the feature, where the orders say so.
        seed: Of the draw.
    """
    rng = np.random.default_rng(seed)
    header = "order_id,region,created_at,status,order_total,retained_total,currency,customer_id"
    lines = [header + (",feature_exposed" if exposed_share is not None else "")]
    number = 0
    for day in range(days):
        moment = FIRST + timedelta(days=day)
        since = (moment - START).days
        for region in REGIONS:
            count = per_day
            if silent_from and region == silent_from[0] and since >= silent_from[1]:
                count = 0
            if thin_from is not None and region not in ("KR", "DE") and since >= thin_from:
                count = per_day // 10
            factor = (change or {}).get(region, 1.0) if since >= 0 else 1.0
            usual = (cancel or {}).get(region, 0.05) if since >= 0 else 0.05
            values = rng.gamma(4.0, 10.0, count) * factor
            for value in values:
                number += 1
                fails = fail_on == (region, since) and rng.random() < 0.7
                status = "cancelled" if fails or rng.random() < usual else "delivered"
                total = 0.0 if free_on == (region, since) else value
                kept = 0.0 if status == "cancelled" else total
                placed = moment + timedelta(seconds=int(rng.integers(0, 86_400)))
                customer = int(rng.integers(900))
                row = f"{number},{region},{placed:%Y-%m-%d %H:%M:%S},{status},{total:.2f},{kept:.2f},USD,c{customer}"
                if exposed_share is not None:
                    row += f",{str(customer < exposed_share * 900).lower()}"
                lines.append(row)
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "contextcheck.yaml").write_text(SETTINGS, encoding="utf-8")
    return folder
