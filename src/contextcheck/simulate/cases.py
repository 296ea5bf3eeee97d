"""Many more worlds with known truth: the archetypes that explanations, money and decisions are judged on.

Unlike the five scenarios of the demo they are not told at length; each names the kind of explanation that is true and
the actions that are right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from contextcheck.simulate.behaviours.checkout import CheckoutFault, DuplicateSubmits, PaymentOutage
from contextcheck.simulate.behaviours.measurement import BulkCustomer, DoubleLoading, StatusRenamed
from contextcheck.simulate.behaviours.mix import MixShift
from contextcheck.simulate.behaviours.padding import Padding
from contextcheck.simulate.behaviours.paying import ExpiryWave, RefusalWave
from contextcheck.simulate.behaviours.promotions import CancelAndRebuy, PromoFarm, VolumeSurge
from contextcheck.simulate.behaviours.returns import ReturnWave, SerialReturners
from contextcheck.simulate.behaviours.rings import Ring
from contextcheck.simulate.behaviours.supply import CarrierOutage, PriceError, StockOut
from contextcheck.simulate.worlds import CROWD, DEFAULT_ORDERS, FIRST, SCENARIOS, TAKERS, Scenario, simulate_scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contextcheck.records import Action
    from contextcheck.simulate.behaviours.interface import Behaviour
    from contextcheck.simulate.worlds import World

Kind = Literal["norm", "abuse", "operational", "measurement", "none"]


@dataclass(frozen=True, slots=True)
class Case:
    """One archetype.

    Attributes:
        scenario: What goes on.
        kinds: Kinds of explanation that are true; two when two things go on; ("none",) for nothing to explain.
        acceptable: Actions that a careful analyst may take in the first affected (or launched) region.
        metric: Canonical metric that moves most there; empty when none does.
    """

    scenario: Scenario
    kinds: tuple[Kind, ...]
    acceptable: frozenset[Action]
    metric: str


def _case(
    name: str,
    title: str,
    behaviours: tuple[Behaviour, ...],
    kinds: tuple[Kind, ...],
    acceptable: tuple[Action, ...],
    metric: str,
    launched: tuple[str, ...] = (),
    feature: str = "free-shipping-bar",
    actions: Mapping[str, Action] | None = None,
) -> Case:
    regions = [behaviour.region for behaviour in behaviours]
    right = actions or {region: acceptable[0] for region in regions}
    return Case(Scenario(name, title, feature, launched, behaviours, right), kinds, frozenset(acceptable), metric)


_DEMO = (
    Case(SCENARIOS["korea-padding"], ("norm",), frozenset({"keep"}), "cancel_rate"),
    Case(SCENARIOS["korea-padding-at-a-loss"], ("norm",), frozenset({"roll-back"}), "cancel_rate"),
    Case(SCENARIOS["korea-ring-in-the-crowd"], ("norm", "abuse"), frozenset({"act-on-accounts"}), "cancel_rate"),
    Case(SCENARIOS["checkout-bug"], ("operational",), frozenset({"roll-back"}), "cancel_rate"),
    Case(SCENARIOS["quiet"], ("none",), frozenset({"keep"}), ""),
)
_TWO_WEEKS = (FIRST + 7, FIRST + 20)
_CALM: tuple[Action, ...] = ("keep", "watch", "ask-local-team")
_REPAIR: tuple[Action, ...] = ("fix", "ask-local-team")

_MORE = (
    _case(
        "bubble-returns",
        "Filling comes back after delivery, two weeks later",
        (Padding("KR", FIRST, take_up=0.3, trim_share=0.05, sends_back_share=0.85, keeps_of_filling=0.1),),
        ("norm",), ("roll-back", "watch"), "return_rate", ("KR", "JP"),
    ),
    _case(
        "ring-without-shared-things",
        "A ring whose accounts share nothing, inside the crowd",
        (CROWD, Ring("KR", FIRST, careless_share=0.0, careful_share_nothing=True)),
        ("norm", "abuse"), ("act-on-accounts", "watch", "ask-local-team"), "cancel_rate", ("KR", "JP"),
    ),
    _case(
        "promo-farm", "Fresh accounts use a welcome coupon once each", (PromoFarm("US", *_TWO_WEEKS),),
        ("abuse",), ("act-on-accounts", "fix"), "discount_rate",
    ),
    _case(
        "serial-returners", "A few frequent customers send nearly everything back", (SerialReturners("DE", FIRST),),
        ("abuse",), ("act-on-accounts", "watch", "ask-local-team"), "return_rate",
    ),
    _case(
        "payment-expiry", "Payment slips are made out and not paid", (ExpiryWave("BR", FIRST + 14, FIRST + 27),),
        ("norm",), _CALM, "unpaid_rate",
    ),
    _case(
        "door-refusals", "Parcels paid at the door are refused more often", (RefusalWave("IN", *_TWO_WEEKS),),
        ("norm",), (*_CALM, "fix"), "refused_rate",
    ),
    _case(
        "holiday-surge", "A sale brings more orders with the usual fate", (VolumeSurge("MX", FIRST + 10, FIRST + 13),),
        ("norm", "none"), _CALM, "orders",
    ),
    _case(
        "return-wave", "Gifts come back after a feast", (ReturnWave("GB", FIRST - 20, FIRST - 7),),
        ("norm",), _CALM, "return_rate",
    ),
    _case(
        "cancel-and-rebuy", "Orders are cancelled and placed again at a better price",
        (CancelAndRebuy("TW", *_TWO_WEEKS),),
        ("norm",), _CALM, "cancel_rate",
    ),
    _case(
        "carrier-outage", "Parcels lie still for days", (CarrierOutage("FR", *_TWO_WEEKS),),
        ("operational",), _REPAIR, "cancel_rate",
    ),
    _case(
        "late-parcels-refused", "Parcels come late and are not taken any more",
        (CarrierOutage("FR", *_TWO_WEEKS, cancel_share=0.0, refused_share=0.12),),
        ("operational",), _REPAIR, "refused_rate",
    ),
    _case(
        "payment-outage", "Card payments fail", (PaymentOutage("FR", FIRST + 9, FIRST + 11),),
        ("operational",), _REPAIR, "unpaid_rate",
    ),
    _case(
        "duplicate-submits", "A button that can be pressed twice", (DuplicateSubmits("GB", *_TWO_WEEKS),),
        ("operational",), _REPAIR, "cancel_rate",
    ),
    _case(
        "stock-out", "The shop cancels orders of products it has not got", (StockOut("US", *_TWO_WEEKS),),
        ("operational",), _REPAIR, "cancel_rate",
    ),
    _case(
        "price-error", "A product sold for next to nothing by mistake", (PriceError("AU", FIRST + 12, FIRST + 13),),
        ("operational",), _REPAIR, "cancel_rate",
    ),
    _case(
        "double-loading", "Three days are in the data twice", (DoubleLoading("GB", FIRST + 15, FIRST + 17),),
        ("measurement",), _REPAIR, "orders",
    ),
    _case(
        "status-renamed", "Returns are booked as cancels from one day on", (StatusRenamed("DE", FIRST + 3),),
        ("measurement",), _REPAIR, "cancel_rate",
    ),
    _case(
        "bulk-customer", "One customer calls off sixty orders", (BulkCustomer("NO", FIRST + 12, FIRST + 12),),
        ("measurement", "none"), ("keep", "watch", "ask-local-team", "fix"), "cancel_rate",
    ),
    _case(
        "mix-shift", "More orders in a category that often comes back", (MixShift("DE", FIRST, growth=1.5),),
        ("none",), _CALM, "return_rate",
    ),
    _case(
        "opposite-effects", "The same bar earns in one market and loses in the other",
        (CROWD, Padding("JP", FIRST, take_up=0.30, prefers_small=0.9, trim_share=0.97, keeps_of_filling=0.02,
                        overshoot=0.07, trim_hours=8, repack_cost=0.6)),
        ("norm",), ("keep",), "cancel_rate", ("KR", "JP"), actions={"KR": "keep", "JP": "roll-back"},
    ),
    _case(
        "slow-ramp", "The costly habit spreads over four weeks", (replace(TAKERS, ramp_days=28.0),),
        ("norm",), ("roll-back", "watch"), "cancel_rate", ("KR", "JP"),
    ),
    _case(
        "novelty-decay", "The costly habit is tried once and wears off", (replace(TAKERS, fade_days=5.0),),
        ("norm",), ("keep", "watch"), "cancel_rate", ("KR", "JP"),
    ),
    _case(
        "small-fault", "A checkout that loses one order in forty",
        (CheckoutFault("DE", FIRST, fail_share=0.025),),
        ("operational",), ("watch", "fix", "roll-back", "ask-local-team"), "cancel_rate", ("DE",), "one-page-checkout",
    ),
)  # fmt: skip

CASES: Mapping[str, Case] = {case.scenario.name: case for case in (*_DEMO, *_MORE)}


def simulate_case(name: str, *, seed: int, orders: int = DEFAULT_ORDERS) -> World:
    """Give the world of a case.

    Args:
        name: A key of `CASES`.
        seed: Same seed, same world.
        orders: Number of orders to aim at.

    Raises:
        KeyError: No case has that name.
    """
    return simulate_scenario(CASES[name].scenario, seed=seed, orders=orders)
