"""Fifteen kinds of worlds, each drawn anew for every seed: markets, days, sizes and take-up are never the same.

A world is a shop of six to nine markets over about four months. What goes on in it is put together from the behaviours
of `contextcheck.simulate`, with parameters drawn here; a draw whose true effect is not of the kind that the archetype
stands for (a harmless habit that loses money, say) is thrown away and drawn again. The truth that this looks at is
worked out from the two paired worlds, never by the program under test.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from contextcheck.simulate.behaviours.checkout import CheckoutFault
from contextcheck.simulate.behaviours.mix import MixShift
from contextcheck.simulate.behaviours.padding import Padding
from contextcheck.simulate.behaviours.paying import ExpiryWave
from contextcheck.simulate.behaviours.promotions import PromoFarm, VolumeSurge
from contextcheck.simulate.behaviours.rings import Ring
from contextcheck.simulate.behaviours.supply import CarrierOutage
from contextcheck.simulate.draft import Calendar, stream
from contextcheck.simulate.markets import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contextcheck.simulate.behaviours.interface import Behaviour

PADDERS = ("KR", "JP", "TW", "GB", "US", "DE", "FR", "AU", "IN")
SLIPS = {"BR": "boleto", "JP": "konbini", "MX": "cash_voucher"}
FEASTS = (
    ("KR", date(2025, 10, 6), "Chuseok"),
    ("KR", date(2026, 2, 17), "Seollal"),
    ("IN", date(2025, 10, 20), "Diwali"),
    ("MX", date(2025, 11, 17), "Buen Fin"),
    ("FR", date(2026, 1, 10), "winter sales"),
    ("US", date(2025, 11, 28), "Black Friday"),
    ("GB", date(2025, 11, 28), "Black Friday"),
    ("AU", date(2025, 12, 27), "Boxing Day sales"),
)
BAR, CHECKOUT, CAROUSEL = "free-shipping-bar", "one-page-checkout", "recommendation-carousel"


@dataclass(frozen=True)
class Story:
    """One world before it is simulated.

    Attributes:
        archetype: Its kind.
        calendar: The days.
        first: Place of the launch day (or of the day from which something may happen).
        volume_shares: Market to its share of the orders.
        launched: Where the feature was launched; empty when nothing was.
        feature: What was launched.
        behaviours: What goes on.
        kinds: Market to the kinds of explanation that are true there.
        entries: Parts of entry ids that name the true cause of each kind.
        least, most: Bounds on the true relative change of contribution in the markets, without the abusive accounts.
        roll_back_share: What a roll-back costs, as a share of the first market's contribution over the horizon.
        traceable: Whether abusive accounts leave traces that an account review could find.
    """

    archetype: str
    calendar: Calendar
    first: int
    volume_shares: Mapping[str, float]
    launched: tuple[str, ...]
    feature: str
    behaviours: tuple[Behaviour, ...]
    kinds: Mapping[str, tuple[str, ...]]
    entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    roll_back_share: float = 0.02
    traceable: bool = True

    @property
    def regions(self) -> tuple[str, ...]:
        """Markets that are judged: launched or affected."""
        return tuple(dict.fromkeys((*self.launched, *(each.region for each in self.behaviours))))

    @property
    def last(self) -> int:
        """Place of the last whole day."""
        return self.calendar.days - 2


@dataclass(frozen=True)
class Stage:
    """Where a story is set: drawn once per seed and archetype."""

    calendar: Calendar
    first: int
    rng: np.random.Generator

    @property
    def last(self) -> int:
        return self.calendar.days - 2

    def between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def one_of(self, names: tuple[str, ...]) -> str:
        return names[int(self.rng.integers(len(names)))]


def stage(archetype: str, seed: int, attempt: int) -> Stage:
    """Draw the days: a launch somewhere in twelve months, 84 to 104 days before it, 28 to 36 after."""
    rng = stream(seed, f"world {archetype} {attempt}")
    launch = date(2025, 4, 1) + timedelta(days=int(rng.integers(0, 365)))
    before, after = int(rng.integers(84, 105)), int(rng.integers(28, 37))
    return Stage(_calendar(launch - timedelta(days=before), launch + timedelta(days=after)), before, rng)


def _calendar(first: date, end: date) -> Calendar:
    """Days from the first to the one before `end`, and the morning of `end`, when the data are taken."""
    return Calendar(first, end, datetime.combine(end, time(9)))


def _moved(at: Stage, end: date) -> Stage:
    """The same stage with as many days, the last of which is the one before `end`."""
    return replace(at, calendar=_calendar(end - timedelta(days=at.calendar.days - 1), end))


def story_of(archetype: str, seed: int, attempt: int = 0) -> Story:
    """Give a story of a kind; another attempt is another draw.

    Raises:
        KeyError: No archetype has that name.
    """
    return ARCHETYPES[archetype](stage(archetype, seed, attempt))


# ── what goes on ───────────────────────────────────────────────────────────────────────────────────────


def _crowd(at: Stage, region: str) -> Padding:
    """Many shoppers who lack little fill up; a part of them takes a little out again, soon."""
    return Padding(
        region, at.first,
        take_up=at.between(0.26, 0.38), prefers_small=at.between(-0.4, 0.0), trim_share=at.between(0.5, 0.8),
        keeps_of_filling=at.between(0.6, 0.85), overshoot=at.between(0.03, 0.08), trim_hours=at.between(1.5, 6),
    )  # fmt: skip


def _takers(at: Stage, region: str) -> Padding:
    """Shoppers with small baskets fill up a lot and take nearly all of it out, often once the parcel is packed."""
    return Padding(
        region, at.first,
        take_up=at.between(0.2, 0.38), prefers_small=at.between(0.5, 0.95), trim_share=at.between(0.9, 0.99),
        keeps_of_filling=at.between(0.01, 0.08), overshoot=at.between(0.03, 0.09), trim_hours=at.between(4, 12),
        repack_cost=at.between(0.3, 0.9),
    )  # fmt: skip


def _ring(at: Stage, region: str, careless: float, *, shares_nothing: bool = False) -> Ring:
    return Ring(
        region, at.first + int(at.rng.integers(0, 6)),
        accounts=int(at.rng.integers(20, 61)), careless_share=careless, careful_share_nothing=shares_nothing,
        order_share=at.between(0.022, 0.05), basket=at.between(0.9, 1.5), refund_share=at.between(0.15, 0.45),
    )  # fmt: skip


PADDING = {"norm": ("free-shipping", "padding", "shipping-line")}
RING = {"abuse": ("linked-accounts", "refund", "threshold-gaming", "repeat-cancels")}
GAIN, LOSS = (0.03, 0.25), (-0.30, -0.07)


def _markets(at: Stage, chosen: tuple[str, ...]) -> dict[str, float]:
    """The chosen markets with a quarter to a third of the orders (less when there are two), and four to six others."""
    others = [code for code in CODES if code not in chosen]
    at.rng.shuffle(others)
    count = int(at.rng.integers(4, 7))
    large = at.between(0.26, 0.34) if len(chosen) == 1 else at.between(0.22, 0.28)
    shares = dict.fromkeys(chosen, large)
    rest = at.rng.dirichlet(np.full(count, 6.0)) * (1 - large * len(chosen))
    return shares | {code: float(share) for code, share in zip(others, rest, strict=False)}


def _story(at: Stage, archetype: str, behaviours: tuple[Behaviour, ...], **more: object) -> Story:
    regions = tuple(dict.fromkeys(each.region for each in behaviours)) or tuple(more["launched"])  # type: ignore[arg-type]
    kinds = more.pop("kinds", ("norm",))
    by_region = kinds if isinstance(kinds, dict) else dict.fromkeys(regions, kinds)
    given = {"launched": regions, "feature": BAR, **more}
    share = at.between(0.015, 0.03)
    return Story(
        archetype, at.calendar, at.first, _markets(at, regions), behaviours=behaviours, kinds=by_region,
        roll_back_share=share, **given,  # type: ignore[arg-type]
    )  # fmt: skip


def _benign_padding(at: Stage) -> Story:
    region = at.one_of(PADDERS)
    return _story(at, "benign-padding", (_crowd(at, region),), entries=PADDING, bounds={region: GAIN})


def _padding_at_a_loss(at: Stage) -> Story:
    region = at.one_of(PADDERS)
    return _story(at, "padding-at-a-loss", (_takers(at, region),), entries=PADDING, bounds={region: LOSS})


def _bubble_returns(at: Stage) -> Story:
    region = at.one_of(PADDERS)
    padding = Padding(
        region, at.first, take_up=at.between(0.3, 0.45), prefers_small=at.between(0.0, 0.6),
        trim_share=at.between(0.02, 0.08), sends_back_share=at.between(0.75, 0.92), overshoot=at.between(0.03, 0.07),
    )  # fmt: skip
    entries = {"norm": (*PADDING["norm"], "promotion-returns")}
    return _story(at, "bubble-returns", (padding,), entries=entries, bounds={region: LOSS})


def _ring_in_the_crowd(at: Stage) -> Story:
    region = at.one_of(PADDERS)
    behaviours = (_crowd(at, region), _ring(at, region, at.between(0.5, 0.9)))
    return _story(
        at, "ring-in-the-crowd", behaviours, kinds=("norm", "abuse"), entries=PADDING | RING,
        bounds={region: (0.0, 0.25)},
    )  # fmt: skip


def _ring_without_shared(at: Stage) -> Story:
    region = at.one_of(PADDERS)
    behaviours = (_crowd(at, region), _ring(at, region, 0.0, shares_nothing=True))
    return _story(
        at, "ring-without-shared", behaviours, kinds=("norm", "abuse"), entries=PADDING | RING,
        bounds={region: (0.0, 0.25)}, traceable=False,
    )  # fmt: skip


def _promo_farm(at: Stage) -> Story:
    region = at.one_of(("US", "GB", "DE", "FR", "KR", "JP", "BR"))
    start = at.first + int(at.rng.integers(2, 12))
    farm = PromoFarm(
        region, start, start + int(at.rng.integers(8, 18)), accounts=int(at.rng.integers(200, 600)),
        accounts_per_device=int(at.rng.integers(6, 20)), discount_share=at.between(0.6, 0.9),
    )  # fmt: skip
    entries = {"abuse": ("promo", "linked-accounts", "trial")}
    return _story(at, "promo-farm", (farm,), launched=(), kinds=("abuse",), entries=entries)


def _payment_expiry(at: Stage) -> Story:
    """Slips run out at any time of the year, in Brazil in the sale weeks around Black Friday."""
    region = at.one_of(tuple(SLIPS))
    if region == "BR":
        at = _moved(at, date(2025, 11, 22) + timedelta(days=int(at.rng.integers(20, 30))))
        start = at.calendar.index_of(date(2025, 11, 22)) + int(at.rng.integers(0, 5))
    else:
        start = at.first + int(at.rng.integers(0, 8))
    wave = ExpiryWave(
        region, start, start + int(at.rng.integers(10, 20)), method=SLIPS[region],
        extra_orders=at.between(0.5, 1.1), unpaid_share=at.between(0.6, 0.8),
    )  # fmt: skip
    entries = {"norm": ("expiry", "boleto", "voucher", "konbini")}
    return _story(at, "payment-expiry", (wave,), launched=(), entries=entries)


def _checkout_bug(at: Stage) -> Story:
    region = at.one_of(CODES)
    fault = CheckoutFault(
        region, at.first, fail_share=at.between(0.08, 0.2), retry_share=at.between(0.2, 0.5),
        cancel_minutes=at.between(2, 8),
    )  # fmt: skip
    entries = {"operational": ("checkout", "duplicate", "payment-outage")}
    return _story(
        at, "checkout-bug", (fault,), feature=CHECKOUT, kinds=("operational",), entries=entries,
        bounds={region: (-0.3, -0.05)},
    )  # fmt: skip


def _holiday_surge(at: Stage) -> Story:
    region, feast, _ = FEASTS[int(at.rng.integers(len(FEASTS)))]
    end = feast + timedelta(days=int(at.rng.integers(8, 25)))
    moved = _moved(at, end)
    day = moved.calendar.index_of(feast)
    surge = VolumeSurge(region, day - int(at.rng.integers(2, 5)), day, extra_orders=at.between(0.5, 1.5))
    entries = {"norm": ("",)}
    return _story(moved, "holiday-surge", (surge,), launched=(), kinds=("norm", "none"), entries=entries)


def _carrier_outage(at: Stage) -> Story:
    region = at.one_of(CODES)
    start = at.first + int(at.rng.integers(0, 8))
    outage = CarrierOutage(
        region, start, start + int(at.rng.integers(8, 16)), delay_days=at.between(6, 12),
        cancel_share=at.between(0.07, 0.16), refused_share=at.between(0.03, 0.09),
    )  # fmt: skip
    entries = {"operational": ("carrier", "warehouse", "shop-side")}
    return _story(at, "carrier-outage", (outage,), launched=(), kinds=("operational",), entries=entries)


def _noise(at: Stage) -> Story:
    codes = list(CODES)
    at.rng.shuffle(codes)
    launched = tuple(codes[: int(at.rng.integers(1, 3))])
    return _story(at, "noise", (), launched=launched, feature=CAROUSEL, kinds=dict.fromkeys(launched, ("none",)))


def _mix_shift(at: Stage) -> Story:
    region, category, method = (
        (at.one_of(("DE", "GB", "FR", "US")), "fashion", ""),
        ("IN", "", "cod"),
        ("TW", "", "store_pickup_cod"),
    )[int(at.rng.choice(3, p=(0.7, 0.15, 0.15)))]
    shift = MixShift(region, at.first, category=category, method=method, growth=at.between(1.0, 2.2))
    return _story(at, "mix-shift", (shift,), launched=(), kinds=("none", "norm"), entries={"norm": ("",)})


def _opposite_effects(at: Stage) -> Story:
    names = list(PADDERS)
    at.rng.shuffle(names)
    gains, loses = names[:2]
    behaviours = (_crowd(at, gains), _takers(at, loses))
    return _story(
        at, "opposite-effects", behaviours, launched=(gains, loses), entries=PADDING,
        bounds={gains: GAIN, loses: LOSS},
    )  # fmt: skip


def _slow_ramp(at: Stage) -> Story:
    region = at.one_of(PADDERS)
    padding = replace(_takers(at, region), ramp_days=at.between(18, 28))
    return _story(at, "slow-ramp", (padding,), entries=PADDING, bounds={region: (-0.3, -0.05)})


def _novelty_decay(at: Stage) -> Story:
    region = at.one_of(PADDERS)
    padding = replace(_takers(at, region), fade_days=at.between(3, 7))
    return _story(at, "novelty-decay", (padding,), entries=PADDING, bounds={region: (-0.10, -0.005)})


ARCHETYPES: dict[str, Callable[[Stage], Story]] = {
    "benign-padding": _benign_padding,
    "padding-at-a-loss": _padding_at_a_loss,
    "bubble-returns": _bubble_returns,
    "ring-in-the-crowd": _ring_in_the_crowd,
    "ring-without-shared": _ring_without_shared,
    "promo-farm": _promo_farm,
    "payment-expiry": _payment_expiry,
    "checkout-bug": _checkout_bug,
    "holiday-surge": _holiday_surge,
    "carrier-outage": _carrier_outage,
    "noise": _noise,
    "mix-shift": _mix_shift,
    "opposite-effects": _opposite_effects,
    "slow-ramp": _slow_ramp,
    "novelty-decay": _novelty_decay,
}
