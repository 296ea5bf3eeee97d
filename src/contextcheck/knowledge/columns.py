"""The canonical order columns: type, unit and meaning. Everything that reads orders speaks these names.

Times are timestamps on the *source clock* (see `contextcheck.panel.orders.Clock`); amounts are in the reporting
currency once the orders are loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "time", "amount", "number", "flag"]


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One canonical column; a key tells who ordered, with which device or instrument, or where to."""

    name: str
    type: ColumnType
    meaning: str
    is_required: bool = False
    is_key: bool = False


_ALL = (
    ColumnSpec("order_id", "text", "one per order", is_required=True),
    ColumnSpec("region", "text", "market: ISO 3166-1 alpha-2, 3166-2, or the team's own name", is_required=True),
    ColumnSpec("created_at", "time", "when the order was placed", is_required=True),
    ColumnSpec("status", "text", "one of STATUSES: where the order stands now", is_required=True),
    ColumnSpec("customer_id", "text", "the same for every order of one customer", is_key=True),
    ColumnSpec("currency", "text", "ISO 4217 code of the amounts as given"),
    ColumnSpec("order_total", "amount", "basket at placement"),
    ColumnSpec("retained_total", "amount", "what is left after cancels, changes and returns"),
    ColumnSpec("cancelled_at", "time", "when the order (or part of it) was cancelled"),
    ColumnSpec("modified_at", "time", "when the basket was changed"),
    ColumnSpec("returned_at", "time", "when the order (or part of it) came back"),
    ColumnSpec("refund_total", "amount", "money given back"),
    ColumnSpec("items", "number", "items at placement"),
    ColumnSpec("kept_items", "number", "items kept"),
    ColumnSpec("discount_total", "amount", "discount given on the order"),
    ColumnSpec("coupon", "text", "coupon code used; empty when none"),
    ColumnSpec("shipping_fee", "amount", "delivery charged to the customer"),
    ColumnSpec("shipping_cost", "amount", "delivery paid by the shop"),
    ColumnSpec("margin", "amount", "gross margin of the basket at placement, before shipping and handling"),
    ColumnSpec("payment_method", "text", "how it was (to be) paid"),
    ColumnSpec("payment_fee", "amount", "what the payment provider kept"),
    ColumnSpec("device_id", "text", "device the order was placed with", is_key=True),
    ColumnSpec("address_id", "text", "delivery address (a key, never the address)", is_key=True),
    ColumnSpec("payment_id", "text", "payment instrument (a key, never the number)", is_key=True),
    ColumnSpec("account_created_at", "time", "when the customer's account was opened"),
    ColumnSpec("channel", "text", "web, app, marketplace, agent …"),
    ColumnSpec("category", "text", "main product category"),
    ColumnSpec("product_id", "text", "main product"),
    ColumnSpec("touchpoint", "text", "where in the shop the order began"),
    ColumnSpec("feature_exposed", "flag", "whether the launched feature was shown for this order"),
    ColumnSpec("chargeback_at", "time", "when the payment was disputed"),
    ColumnSpec("chargeback_total", "amount", "disputed amount"),
    ColumnSpec("cancel_reason", "text", "reason code of a cancel"),
)

COLUMNS: dict[str, ColumnSpec] = {column.name: column for column in _ALL}
REQUIRED_COLUMNS: tuple[str, ...] = tuple(column.name for column in _ALL if column.is_required)

_SHARED = tuple(each for each in _ALL if not each.is_key and each.name != "order_id")
KINDS: dict[str, tuple[str, ...]] = {
    "amounts": tuple(each.name for each in _ALL if each.type == "amount"),
    "times": tuple(each.name for each in _ALL if each.type == "time"),
    "keys": tuple(each.name for each in _ALL if each.is_key),
    "words": tuple(each.name for each in _SHARED if each.type in ("text", "flag")),
    "segments": tuple(each.name for each in _SHARED if each.type in ("text", "flag", "number")),
}
"""What a column holds, as an option of a sign may want it."""

STATUSES: tuple[str, ...] = (
    "pending",
    "awaiting_payment",
    "paid",
    "shipped",
    "delivered",
    "cancelled",
    "partially_cancelled",
    "changed",
    "returned",
    "partially_returned",
    "expired_unpaid",
    "refused",
    "refunded_no_return",
    "chargeback",
)
