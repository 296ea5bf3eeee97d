"""A small farm of accounts with a coupon: too little for the share of discounted orders, plain among the new ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from contextcheck.pipeline import Study, study
from contextcheck.settings import read_settings

DAYS, FARM_DAYS, PER_DAY, FARMED = 110, 12, 120, 5
NEW = "new_account_discount_rate"


def shop(seed: int, farmed: int) -> pd.DataFrame:
    """Four markets of 120 orders a day, 17 % with a coupon, 10 % of accounts opened that week; the farm is in KR."""
    rng = np.random.default_rng(seed)
    parts = []
    for region in ("KR", "JP", "DE", "GB"):
        count = rng.poisson(PER_DAY, DAYS)
        day = np.repeat(np.arange(DAYS), count)
        is_farm = np.zeros(len(day), dtype=bool)
        if region == "KR":
            extra = np.repeat(np.arange(DAYS - 10 - FARM_DAYS, DAYS - 10), farmed)
            day, is_farm = np.concatenate([day, extra]), np.concatenate([is_farm, np.ones(len(extra), dtype=bool)])
        size = len(day)
        created = pd.Timestamp("2026-01-05") + pd.to_timedelta(day * 86_400 + rng.integers(0, 86_400, size), unit="s")
        age = np.where(is_farm | (rng.random(size) < 0.1), rng.uniform(0, 6, size), rng.uniform(30, 900, size))
        parts.append(
            pd.DataFrame(
                {
                    "region": region,
                    "created_at": created,
                    "status": "delivered",
                    "customer_id": [f"{region}{each}" for each in rng.integers(0, 10**9, size)],
                    "order_total": np.round(rng.lognormal(3.5, 0.5, size), 2),
                    "coupon": np.where(is_farm | (rng.random(size) < 0.17), "WELCOME", ""),
                    "account_created_at": created - pd.to_timedelta(np.round(age * 86_400), unit="s"),
                    "currency": "USD",
                }
            )
        )
    orders = pd.concat(parts).sort_values("created_at", ignore_index=True)
    return orders.assign(order_id=[f"o{number}" for number in range(len(orders))])


def studied(orders: pd.DataFrame, folder: Path) -> Study:
    orders.to_parquet(folder / "orders.parquet", index=False)
    path = folder / "contextcheck.yaml"
    path.write_text("orders: {path: orders.parquet, timezone: UTC}\ncurrency: USD\n", encoding="utf-8")
    return study(read_settings(path), as_of=None, seed=0, quarantine_folder=folder / "quarantine")


def test_a_small_farm_is_flagged_by_the_discounts_of_new_accounts(tmp_path: Path) -> None:
    found = studied(shop(1, FARMED), tmp_path).detected.flags
    assert [(flag.region, flag.metric) for flag in found] == [("KR", NEW)]
    # 5 orders a day beside 2 of usual new accounts, over 12 days
    assert 45 <= found[0].excess_events <= 75
    assert found[0].severity == "low"


def test_without_a_farm_nothing_is_flagged(tmp_path: Path) -> None:
    assert studied(shop(2, 0), tmp_path).detected.flags == ()


def test_without_the_opening_of_accounts_the_metric_cannot_be_had(tmp_path: Path) -> None:
    done = studied(shop(1, FARMED).drop(columns="account_created_at"), tmp_path)
    missing = {each.name: each.missing_columns for each in done.panel.unavailable}
    assert "account_created_at" in missing[NEW]
    assert done.detected.flags == ()
