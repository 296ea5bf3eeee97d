"""What each order of a draft is worth in the end, in US dollars: the truth that any estimate is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.draft import STATUS
from contextcheck.simulate.markets import MARKETS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_CANCELLED = ("cancelled", "partially_cancelled")
_HANDLED = (*_CANCELLED, "changed")
_RETURNED = ("returned", "partially_returned")
_FEE_NOT_KEPT = ("cancelled", "expired_unpaid", "refused", "chargeback")
_GOODS_LOST = ("refunded_no_return", "chargeback")


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """Unit costs of the invented shop in US dollars; shares are 0 to 1. They stand in the settings of every world."""

    gross_margin: float = 0.45
    payment_rate: float = 0.029
    payment_fixed: float = 0.30
    cancel_handling: float = 1.00
    return_handling: float = 6.00
    return_writedown: float = 0.10
    chargeback_fee: float = 15.0
    roll_back: float = 4000.0
    false_action_per_account: float = 60.0
    account_review: float = 5.0


def is_cancelled(draft: pd.DataFrame) -> NDArray[np.bool_]:
    """Orders cancelled as a whole or in part."""
    return _among(draft, _CANCELLED)


def fee_kept(draft: pd.DataFrame) -> NDArray[np.float64]:
    """Delivery fee that the shop keeps, in the market's currency: none from the line on or when nothing is kept."""
    line = np.array([market.free_line for market in MARKETS])[draft["region_index"].to_numpy()]
    charged = np.where(draft["order_total"].to_numpy() >= line, 0.0, draft["fee_below_line"].to_numpy())
    return np.where(_among(draft, _FEE_NOT_KEPT), 0.0, charged)


def parcel_paid(draft: pd.DataFrame) -> NDArray[np.float64]:
    """What the parcel cost the shop, in the market's currency: nothing when not sent, twice when refused."""
    sent = ~np.isnat(draft["shipped_at"].to_numpy())
    trips = np.where(_among(draft, ("refused",)), 2.0, 1.0) * sent
    return np.asarray(draft["parcel_cost"].to_numpy() * trips, dtype=np.float64)


def contribution(draft: pd.DataFrame, costs: UnitCosts) -> NDArray[np.float64]:
    """Contribution of every order in US dollars.

    Method: kept - goods + fee - parcel - payment - handling of cancels and returns - write-down - dispute fee. Goods
    cost (1 - margin) x kept, or x the whole basket when it is gone for good (refund without return, dispute).
    """
    rate = np.array([market.usd_rate for market in MARKETS])[draft["region_index"].to_numpy()]
    total, kept = draft["order_total"].to_numpy(), draft["kept_total"].to_numpy()
    goods = (1 - costs.gross_margin) * np.where(_among(draft, _GOODS_LOST), total, kept)
    is_paid = ~np.isnat(draft["paid_at"].to_numpy())
    sent_back = np.where(_among(draft, _RETURNED), total - kept, 0.0)
    local = kept - goods + fee_kept(draft) - parcel_paid(draft)
    local = local - costs.payment_rate * total * is_paid - costs.return_writedown * sent_back
    fixed = (
        costs.payment_fixed * is_paid
        + costs.cancel_handling * _among(draft, _HANDLED)
        + costs.return_handling * _among(draft, _RETURNED)
        + costs.chargeback_fee * _among(draft, ("chargeback",))
    )
    return np.asarray(local * rate - fixed, dtype=np.float64)


def _among(draft: pd.DataFrame, statuses: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.isin(draft["outcome"].to_numpy(), [STATUS[status] for status in statuses])
