"""The panel counted again without some accounts, so that a feature can be judged on everybody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.panel.build import build_panel
from contextcheck.panel.frames import read_frame
from contextcheck.panel.table import Panel

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from contextcheck.knowledge.lines import Lines
    from contextcheck.panel.orders import Orders

KEYS = ["region", "metric", "day"]
SUMS = ["events", "exposure", "value_sum", "value_sumsq"]


def panel_without(panel: Panel, orders: Orders, lines: Lines, region: str, accounts: Collection[str]) -> Panel:
    """Give the panel with one region's money counted without the orders of some accounts.

    Args:
        panel: The panel of all orders.
        orders: The orders behind it, with `customer_id`.
        lines: Free-shipping line and the like, as they were when the panel was built.
        region: The region whose accounts are left out; other regions stay as they are.
        accounts: Customer ids to leave out, before the window as well as in it.

    Returns:
        A panel of the metrics that the ledger reads. Which days are complete and mature does not change.
    """
    metrics = {name: metric for name, metric in panel.metrics.items() if "ledger" in metric.uses or name == "orders"}
    table = orders.table
    is_listed = table.customer_id.cast("string").isin(sorted(accounts)).fill_null(False)
    kept = table.filter(table.region.isin(orders.region_words[region]), ~is_listed)
    daily = panel.daily[panel.daily["metric"].isin(list(metrics))].reset_index(drop=True)
    if read_frame(kept.select("region").head(1)).empty:
        return Panel(_zeroed(daily, region), metrics, panel.unavailable, panel.as_of, panel.zones, panel.problems)
    counted = build_panel(
        replace(orders, table=kept, region_words={region: orders.region_words[region]}),
        metrics,
        lines,
        as_of=panel.as_of,
    ).daily
    rest = daily[KEYS].merge(counted[[*KEYS, *SUMS]], on=KEYS, how="left", validate="one_to_one")
    is_own = (daily["region"] == region).to_numpy(dtype=bool)
    found = (rest["events"].notna() | rest["exposure"].notna()).to_numpy(dtype=bool)
    for column in SUMS:
        before = daily[column].to_numpy(dtype=float)
        # a day on which nobody else ordered counts 0 where it counted something before
        nobody = np.where(np.isnan(before), np.nan, 0.0)
        counted_again = np.where(found, rest[column].to_numpy(dtype=float), nobody)
        daily[column] = np.where(is_own, counted_again, before)
    return Panel(daily, metrics, panel.unavailable, panel.as_of, panel.zones, panel.problems)


def _zeroed(daily: pd.DataFrame, region: str) -> pd.DataFrame:
    """Nobody else ordered there at all."""
    is_own = daily["region"] == region
    for column in SUMS:
        daily.loc[is_own & daily[column].notna(), column] = 0.0
    return daily
