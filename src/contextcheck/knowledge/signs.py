"""What each sign test is called, which options it takes and which columns it needs.

The declarations live here so that `norms lint` and the JSON Schema know them without loading any statistics; the tests
themselves are in `contextcheck.explain.signs`, one file per name in this table (a law checks that both agree).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from contextcheck.knowledge.columns import KINDS
from contextcheck.table_settings import TABLES

if TYPE_CHECKING:
    from contextcheck.errors import Location
    from contextcheck.records import Weight

OptionKind = Literal["column", "columns", "choice", "hours", "share", "number", "texts", "bounds"]
OptionValue = str | float | tuple[str, ...] | Mapping[str, float] | None

GROUPS: dict[str, tuple[str, ...]] = {
    "flagged": (),
    "all": (),
    "cancelled": ("cancelled", "partially_cancelled"),
    "cancelled_or_changed": ("cancelled", "partially_cancelled", "changed"),
    "returned": ("returned", "partially_returned"),
    "unpaid": ("expired_unpaid",),
    "refused": ("refused",),
}
"""Orders that a sign may look `among`: statuses by name; `flagged` are the events of the flagged metric."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a sign test.

    Attributes:
        keys: What a `bounds` mapping may hold: shares, or hours when `in_hours`.
        holds: Kind of columns that do (a name in `contextcheck.knowledge.columns.KINDS`).
    """

    kind: OptionKind
    meaning: str
    default: OptionValue = None
    choices: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    in_hours: bool = False
    is_required: bool = False
    holds: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that may be named."""
        return KINDS.get(self.holds, ())


@dataclass(frozen=True, slots=True)
class Sign:
    """One prediction of an entry, with its options read and typed by `SIGN_SPECS`."""

    test: str
    options: Mapping[str, OptionValue]
    weight: Weight
    role: Literal["sign", "contradicted_by"]
    where: Location | None = field(default=None, compare=False)

    def text(self, name: str) -> str:
        value = self.options.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float:
        value = self.options[name]
        assert isinstance(value, (int, float)), (self.test, name, value)
        return float(value)

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.options.get(name)
        return value if isinstance(value, tuple) else ()

    def bounds(self, name: str = "expect") -> Mapping[str, float]:
        value = self.options.get(name)
        return value if isinstance(value, Mapping) else {}


@dataclass(frozen=True, slots=True)
class SignSpec:
    """One sign test: what it looks at, its options, and the columns it needs given those options.

    `helped_by` names columns that it looks at beside those, where the orders have them.
    """

    name: str
    title: str
    options: Mapping[str, Option]
    needs: Callable[[Sign], tuple[str, ...]]
    is_calendar_only: bool = False
    helped_by: tuple[str, ...] = ()


_AMONG = Option("choice", "which orders are looked at", "flagged", tuple(GROUPS))
_LINES = ("free_shipping_threshold", "coupon_minimum", "refund_limit")

_SPECS = (
    SignSpec(
        "bunching",
        "Order values heap at a line",
        {
            "column": Option("column", "amount that is compared with the line", "order_total", holds="amounts"),
            "among": _AMONG,
            "at": Option(
                "choice",
                "the line, from the shop's settings or the region's defaults",
                is_required=True,
                choices=_LINES,
            ),
            "expect": Option("choice", "where the heap must lie", is_required=True, choices=("above", "below", "none")),
        },
        lambda sign: (sign.text("column"),),
    ),
    SignSpec(
        "kept_share",
        "Share of the basket that is kept",
        {
            "among": _AMONG,
            "expect": Option(
                "bounds",
                "share of these orders that keep part of the basket",
                keys=("at_least", "at_most"),
                is_required=True,
            ),
        },
        lambda _: ("order_total", "retained_total"),
    ),
    SignSpec(
        "delay",
        "Time from one moment to another",
        {
            "from": Option("column", "starting moment", "created_at", holds="times"),
            "to": Option("column", "ending moment", is_required=True, holds="times"),
            "among": _AMONG,
            "expect": Option(
                "bounds",
                "within, after or around so many hours",
                keys=("within", "after", "around"),
                in_hours=True,
                is_required=True,
            ),
            "at_least": Option("share", "share of these orders that must fit", 0.5),
        },
        lambda sign: (sign.text("from"), sign.text("to")),
    ),
    SignSpec(
        "spread",
        "Many customers, a little each",
        {
            "over": Option("column", "whose events are counted", "customer_id", holds="keys"),
            "expect": Option(
                "choice", "broad: no more concentrated than chance and volume make it", "broad", ("broad",)
            ),
        },
        lambda sign: (sign.text("over"),),
    ),
    SignSpec(
        "concentration",
        "Few accounts or linked groups carry it",
        {
            "over": Option(
                "columns",
                "keys that link orders: devices, addresses, payments, customers",
                ("device_id", "address_id", "payment_id"),
                holds="keys",
            ),
            "expect": Option("choice", "few: linked groups carry the share below", "few", ("few",)),
            "share": Option("share", "share of the excess that linked groups must carry", 0.5),
        },
        lambda _: (),
    ),
    SignSpec(
        "repeats",
        "Single accounts, again and again, that keep nothing",
        {
            "expect": Option("choice", "again: single accounts carry the share below", "again", ("again",)),
            "share": Option("share", "share of the excess that such accounts must carry", 0.1),
        },
        lambda _: ("customer_id", "order_total", "retained_total"),
        helped_by=("device_id", "address_id", "payment_id"),
    ),
    SignSpec(
        "calendar",
        "Moved on the named days and not on others",
        {"expect": Option("choice", "moved, or not moved", "moved", ("moved", "not_moved"))},
        lambda _: (),
        is_calendar_only=True,
    ),
    SignSpec(
        "mix",
        "One segment carries the excess",
        {
            "column": Option("column", "the segment's column", is_required=True, holds="words"),
            "values": Option("texts", "the words of the segment; a trailing * stands for any ending", is_required=True),
            "expect": Option(
                "choice", "whether the segment carries more than its usual share", "more", ("more", "not_more")
            ),
            "at_least": Option("share", "share of the excess that the segment must carry", 0.5),
        },
        lambda sign: (sign.text("column"),),
    ),
    SignSpec(
        "peers",
        "Whether comparable regions moved too",
        {
            "expect": Option(
                "choice",
                "alone: others did not move; together: others moved alike",
                is_required=True,
                choices=("alone", "together"),
            )
        },
        lambda _: (),
    ),
    SignSpec(
        "rebuy",
        "The same customer orders again",
        {
            "among": _AMONG,
            "within": Option("hours", "how soon the next order must come", 48.0),
            "expect": Option(
                "bounds",
                "share of these orders that are followed by another one",
                keys=("at_least", "at_most"),
                is_required=True,
            ),
        },
        lambda _: ("customer_id",),
    ),
    SignSpec(
        "duplicates",
        "The same basket twice within minutes",
        {
            "among": _AMONG,
            "within": Option("hours", "how far apart the same basket may be ordered again", 0.25),
            "expect": Option(
                "bounds",
                "share of these orders that have a twin: same customer, same amount",
                keys=("at_least", "at_most"),
                is_required=True,
            ),
        },
        lambda _: ("customer_id", "order_total"),
    ),
    SignSpec(
        "new_accounts",
        "New accounts carry the excess",
        {
            "days": Option("number", "an account is new for so many days", 30.0),
            "expect": Option("choice", "whether they carry more than their usual share", "more", ("more", "not_more")),
            "at_least": Option("share", "share of the excess that they must carry", 0.5),
        },
        lambda _: ("account_created_at",),
    ),
    SignSpec(
        "discount_use",
        "Discounted orders carry the excess",
        {
            "expect": Option("choice", "whether they carry more than their usual share", "more", ("more", "not_more")),
            "at_least": Option("share", "share of the excess that they must carry", 0.5),
        },
        lambda _: ("discount_total",),
        helped_by=("coupon",),
    ),
    SignSpec(
        "product_concentration",
        "Few products carry the excess",
        {
            "expect": Option("choice", "few: single products carry the share below", "few", ("few",)),
            "share": Option("share", "share of the excess that they must carry", 0.5),
        },
        lambda _: ("product_id",),
    ),
    SignSpec(
        "exposed_only",
        "Only those who saw the feature moved",
        {
            "expect": Option(
                "choice", "exposed: only they moved; everybody: both moved", "exposed", ("exposed", "everybody")
            )
        },
        lambda _: ("feature_exposed",),
    ),
    SignSpec(
        "composition",
        "More orders in high segments, or higher everywhere",
        {
            "column": Option("column", "the segments' column", is_required=True, holds="segments"),
            "expect": Option(
                "choice",
                "composition: the mix of segments changed; behaviour: the rates inside them did",
                is_required=True,
                choices=("composition", "behaviour"),
            ),
            "at_least": Option("share", "share of the change that it must account for", 0.5),
        },
        lambda sign: (sign.text("column"),),
    ),
    SignSpec(
        "value_kept",
        "What customers keep, per order",
        {
            "expect": Option(
                "choice", "which way it moved against the past", is_required=True, choices=("up", "down", "unchanged")
            ),
            "margin": Option("share", "a smaller change counts as unchanged", 0.05),
        },
        lambda _: ("retained_total",),
    ),
    SignSpec(
        "unit_jump",
        "Amounts of another unit",
        {"times": Option("number", "a jump by so many times, up or down, is one of units", 3.0)},
        lambda _: ("order_total",),
    ),
    SignSpec(
        "recurrence",
        "The same move in the same season a year ago",
        {"expect": Option("choice", "present or absent a year ago", "present", ("present", "absent"))},
        lambda _: (),
        is_calendar_only=True,
    ),
    SignSpec(
        "volume",
        "Only more orders, or beyond that",
        {
            "expect": Option(
                "choice",
                "only: it grew with the orders; beyond: more (or fewer) of them per order",
                is_required=True,
                choices=("only", "beyond"),
            ),
            "margin": Option("share", "a smaller change per order counts as none", 0.1),
        },
        lambda _: (),
    ),
    SignSpec(
        "shared_keys",
        "Linked accounts carry the excess",
        {
            "over": Option(
                "columns",
                "keys that link accounts: devices, addresses, payments",
                ("device_id", "address_id", "payment_id"),
                holds="keys",
            ),
            "expect": Option("choice", "whether they carry more than their usual share", "more", ("more", "not_more")),
            "at_least": Option("share", "share of the excess that they must carry", 0.5),
        },
        lambda _: (),
    ),
    SignSpec(
        "voice",
        "What these customers say: contacts, survey scores, disputes",
        {
            "source": Option("choice", "the table that is looked at", "contacts", TABLES),
            "topic": Option(
                "texts", "words of the topic (or reason); a trailing * stands for any ending; none for all"
            ),
            "among": _AMONG,
            "within": Option(
                "hours", "how long after the order; 3 days, for surveys 14, for disputes 60 when left out"
            ),
            "expect": Option(
                "choice",
                "which way contacts or disputes per order, or the score, moved against the past",
                is_required=True,
                choices=("up", "down", "not_up", "not_down"),
            ),
            "margin": Option("share", "a smaller change counts as none: share of the orders, or of the scale", 0.02),
        },
        lambda sign: (sign.text("source"),),
    ),
)

SIGN_SPECS: dict[str, SignSpec] = {spec.name: spec for spec in _SPECS}
"""`concentration` and `shared_keys` need any one of the columns they are given `over`; the others all of `needs`."""
