"""What customers said: contacts, surveys and disputes of one flag, and which order each row belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from contextcheck.explain.signs.mix import matches
from contextcheck.explain.signs.outcome import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.explain.slices import Codes, Floats, Mask, Scene, Slice
    from contextcheck.panel.orders import Orders
    from contextcheck.panel.side_tables import SideTable

WITHIN_HOURS = {"contacts": 72.0, "surveys": 336.0, "disputes": 1440.0}
"""How long after an order a row still belongs to it: contacts 3 days, answers 14 days, disputes 60 days."""


@dataclass(frozen=True, slots=True)
class Voice:
    """The rows of one table around a flag.

    Attributes:
        name: contacts, surveys or disputes.
        frame: The rows; `created_at` on the clock of the orders, `day` local.
        has_regions: Whether the rows are those of the flag's region; else they are of every market.
        scale: Lowest and highest score.
        first: First moment that the table covers, on the clock of the orders.
        last: Last moment that it covers.
    """

    name: str
    frame: pd.DataFrame
    has_regions: bool
    scale: tuple[float, float] | None
    first: pd.Timestamp
    last: pd.Timestamp

    @property
    def knows_customers(self) -> bool:
        """Whether a row can be tied to an order."""
        return bool({"customer_id", "order_id"} & set(self.frame.columns))

    def on_topic(self, patterns: tuple[str, ...]) -> Mask:
        """Rows whose topic fits; all without patterns."""
        if not patterns:
            return np.ones(len(self.frame), dtype=bool)
        topics = self.frame["topic"].astype("category")
        fitting = [word for word in topics.cat.categories if matches(str(word), patterns)]
        return np.asarray(topics.isin(fitting), dtype=bool)

    def scores(self) -> Floats:
        """Scores as a share of the scale, 0 to 1; NaN where there is none."""
        scores = self.frame["score"].to_numpy(dtype=np.float64, na_value=np.nan)
        low, high = self.scale or (0.0, 1.0)
        return (scores - low) / (high - low) if high > low else np.full(len(scores), np.nan)


def read_voices(scene: Scene, orders: Orders, tables: Mapping[str, SideTable]) -> dict[str, Voice]:
    """Give the rows of every table around a flag: from the quiet past to two months after the flag."""
    zone, start = orders.zone_of(scene.region), scene.before.start if scene.before else scene.window.start
    found = {}
    for name, table in tables.items():
        frame = table.of_region_days(scene.region, start, scene.window.end, zone=zone, clock=orders.clock)
        first, last = table.covered(zone, orders.clock)
        found[name] = Voice(name, frame, table.has_regions, table.scale, first, last)
    return found


def orders_of_rows(slice_: Slice, voice: Voice, within: float) -> Codes:
    """Give the order that each row belongs to, as a position in the slice; -1 for none.

    Method: the order that the row names; else the customer's latest order before it; either at most `within` hours old.
    """
    return slice_.kept(f"voice {voice.name} {within:g}", lambda: _orders_of_rows(slice_, voice, within))


def _orders_of_rows(slice_: Slice, voice: Voice, within: float) -> Codes:
    start = slice_.frame["created_at"].min()
    placed = _hours(slice_.frame["created_at"], start)
    said = _hours(voice.frame["created_at"], start)
    found = _latest_orders(slice_, voice, placed, said)
    if "order_id" in voice.frame and slice_.has("order_id"):
        position = pd.Series(np.arange(len(slice_.frame)), index=slice_.frame["order_id"].astype(str).to_numpy())
        position = position[~position.index.duplicated()]
        named = position.reindex(voice.frame["order_id"].astype(str).to_numpy()).fillna(-1).to_numpy(dtype=np.int64)
        found = np.where(named >= 0, named, found)
    age = said - placed[found]
    return np.where((found >= 0) & (age >= 0) & (age <= within), found, -1)


def _latest_orders(slice_: Slice, voice: Voice, placed: Floats, said: Floats) -> Codes:
    """Position of the customer's latest order at or before each row; -1 for none."""
    none = np.full(len(voice.frame), -1, dtype=np.int64)
    if "customer_id" not in voice.frame or not slice_.has("customer_id") or not len(slice_.frame):
        return none
    names = slice_.frame["customer_id"].astype(str).to_numpy()
    codes = pd.Series(slice_.cluster, index=names)[slice_.frame["customer_id"].notna().to_numpy()]
    codes = codes[~codes.index.duplicated()]
    code = codes.reindex(voice.frame["customer_id"].astype(str).to_numpy()).fillna(-1).to_numpy(dtype=np.int64)
    order = np.lexsort((placed, slice_.cluster))
    span = float(max(placed.max(), said.max(initial=0.0)) + 1)
    keys = slice_.cluster[order] * span + placed[order]
    place = np.searchsorted(keys, code * span + np.clip(said, 0.0, None), side="right") - 1
    found = order[np.maximum(place, 0)]
    fits = (place >= 0) & (code >= 0) & (slice_.cluster[found] == code) & (said >= 0)
    return np.where(fits, found, none)


def _hours(times: pd.Series[pd.Timestamp], start: pd.Timestamp) -> Floats:
    passed = (pd.to_datetime(times) - start).dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(np.nan_to_num(passed / 3600.0, nan=-1.0), dtype=np.float64)


def language_words(languages: pd.Series[str] | None) -> str:
    """The languages of some rows in words: "in ko 80 %, en 12 %, not known 8 %"; "" when the table has none."""
    if languages is None or not len(languages):
        return ""
    shares = languages.fillna("not known").astype(str).value_counts(normalize=True)
    shown = ", ".join(f"{word} {percent(float(share))}" for word, share in shares.head(3).items())
    return f"in {shown}" + (" and others" if len(shares) > 3 else "")


def language_shift(now: pd.Series[str], before: pd.Series[str]) -> float:
    """How far the mix of languages differs between two sets of rows: half the summed differences of shares, 0 to 1."""
    one, two = (each.fillna("").astype(str).value_counts(normalize=True) for each in (now, before))
    return float(one.sub(two, fill_value=0.0).abs().sum() / 2)
