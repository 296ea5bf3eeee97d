"""The money looked at ahead: what keeping, rolling back and waiting are expected to cost over finance's horizon."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from math import exp, hypot, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from contextcheck.records import Outlook, Waiting

if TYPE_CHECKING:
    from datetime import date

    from contextcheck.records import Ledger, Parts, Precision, Stretch

PRIOR_SHARE = 0.05
"""Standard deviation of what features do to a region's contribution, as a share of it, before this one is looked at."""

PRIOR_PER_ORDER = 0.04
"""The same of what an order brings (3^2 + 4^2 = 5^2 with the number of orders, see `PRIOR_ORDERS`)."""

PRIOR_ORDERS = ((0.9, 0.0073), (0.1, 0.094))
"""The same of the number of orders: chance and standard deviation of ordinary features and of the few that move much.

Of 6,700 experiments in shops nine in ten moved revenue by less than 1.2 %, a normal of 0.73 %; a few do far more, so
tails are fat. Standard deviation of both together: 3 %."""

TRADE_FROM = 3.0
"""Standard deviations from which orders won and value lost per order (or the reverse) are both taken as real."""

WAITS = (1, 3, 7)
LONGEST_WAIT = 365
CENT = Decimal("0.01")
NORMAL = NormalDist()
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Belief:
    """The contribution per day that is expected from now on: normal with this mean and error, on so many days."""

    mean: float
    error: float
    prior: float
    precision: Precision
    based_on: str
    parts: Parts | None = None

    def error_after(self, more_days: int) -> float:
        """The error of the estimate alone, once so many more days are judged."""
        known = self.precision
        shrink = _days_factor(known.days_after + more_days, known) / _days_factor(known.days_after, known)
        return hypot(known.error_of_days * sqrt(shrink), known.error_between)

    def posterior_error_after(self, more_days: int) -> float:
        if self.parts is None:
            return _shrunk_error(self.error_after(more_days), self.prior)
        now = self.error_after(0)
        return _error_of_parts(self.parts, self.prior, self.error_after(more_days) / now if now > 0 else 1.0)


def outlook(
    ledger: Ledger, *, roll_back_cost: Decimal, horizon_days: int, alpha: float, as_of: date | None
) -> Outlook | None:
    """Give what keeping, rolling back and waiting are expected to cost.

    Args:
        ledger: The money; without an estimate or its precision there is nothing to look ahead with.
        roll_back_cost: K, once, in the reporting currency.
        horizon_days: H, days over which finance looks ahead.
        alpha: Accepted chance of a wrong roll-back.
        as_of: The last local day of the data, from which the day of an answer is counted.

    Returns:
        The outlook; None when the money is not known.

    Method: the estimate m, s is shrunk with a prior N(0, (5 % of the region's contribution)^2); where the change is
        known in two parts, each by its own (see `belief`). With phi, Phi of the standard normal, u = m / s and
        b = -K / H: cost of keeping = H (s phi(u) - m Phi(-u)), cost of rolling back = K + H (s phi(u) + m Phi(u)).
        Waiting n days is worth EVSI = H (sh phi(v) - |m - b| Phi(-v)), sh^2 = s^2 - s_n^2, v = |m - b| / sh, and costs
        n max(0, -m). The part of the error that comes from days shrinks with 1 / n_after + 1 / n_before; what comes
        from regions does not. The answer is in when a one-sided interval at alpha around the estimate lies on one
        side of b. Regrets at the ends of the interval: K and H as above, minimax regret.
    Source: Raiffa and Schlaifer (1961), Applied Statistical Decision Theory, section 5 (EVSI of the normal mean);
        Stoye (2009), Journal of Econometrics 151(1) (minimax regret).
    Blind spots: the forecast takes the effect as steady over the horizon; the prior is the same for every feature.
    """
    believed = belief(ledger)
    contribution = ledger.contribution_per_day
    if believed is None or contribution is None:
        return None
    cost, horizon = float(roll_back_cost), float(horizon_days)
    limit = -cost / horizon
    keeping = horizon * _expected_below(believed.mean, believed.error)
    rolling = cost + horizon * _expected_below(-believed.mean, believed.error)
    waiting = tuple(_waiting(believed, limit, horizon, days) for days in WAITS)
    low, high = (believed.mean + side * NORMAL.inv_cdf(1 - alpha) * believed.error for side in (-1, 1))
    regret_keep = max(0.0, -low * horizon - cost)
    regret_roll = max(0.0, cost + high * horizon)
    answer_on, answer = _answer(believed, limit, alpha, as_of)
    return Outlook(
        horizon_days=horizon_days,
        alpha=alpha,
        roll_back_cost=roll_back_cost,
        forecast_per_day=_cents(believed.mean),
        forecast_error=_cents(believed.error),
        based_on=believed.based_on,
        break_even_per_day=_cents(limit),
        chance_of_loss=_chance_below(believed, 0.0),
        chance_worth_roll_back=_chance_below(believed, limit),
        cost_of_keeping=_cents(keeping),
        cost_of_rolling_back=_cents(rolling),
        waiting=waiting,
        choice=_choice(believed.mean, limit, waiting),
        minimax="keep" if regret_keep <= regret_roll else "roll-back",
        regret_of_keeping=_cents(regret_keep),
        regret_of_rolling_back=_cents(regret_roll),
        answer_on=answer_on,
        answer=answer,
    )


def belief(ledger: Ledger) -> Belief | None:
    """The contribution per day that is expected from now on: of all judged days, or of those that say otherwise.

    In two parts, each is shrunk by its own prior: the number of orders of a market wanders from week to week, so that a
    loss on every order may drown in it, while features rarely move it (see `PRIOR_ORDERS`). See `deciding_stretch` for
    the days that may stand in for all judged ones. Where orders won and value lost per order are both far beyond chance
    and beyond what features do, one was had for the other: shrinking each by itself would believe the one and not the
    other, so their sum is shrunk.

    Source: Browne and Swarbrick Jones (2017), What works in e-commerce, section 3.2, for the size of ordinary effects;
    Azevedo, Deng, Montiel Olea, Rao and Weyl (2020), Journal of Political Economy 128(12), for fat tails.
    """
    contribution, precision = ledger.contribution_per_day, ledger.precision
    if contribution is None or precision is None:
        return None
    chosen = deciding_stretch(ledger)
    estimate = float(chosen.contribution.value if chosen else contribution.value)
    error = chosen.error if chosen else precision.error
    prior = PRIOR_SHARE * abs(precision.base_per_day)
    based_on = chosen.title if chosen else f"all {precision.days_after} judged days"
    known, parts = _precision_of(precision, chosen), chosen.parts if chosen else precision.parts
    if parts is None or prior <= 0 or _is_trade(parts, prior):
        mean, left = _weight(error, prior) * estimate, _shrunk_error(error, prior)
        return Belief(mean, left, prior, known, based_on)
    of_orders, _ = _posterior_of_orders(parts, prior, 1.0)
    mean = of_orders + _weight(parts.per_order_error, _prior_per_order(prior)) * parts.per_order
    return Belief(mean, _error_of_parts(parts, prior, 1.0), prior, known, based_on, parts)


def _is_trade(parts: Parts, prior: float) -> bool:
    """Whether both parts are real beyond doubt and stand against each other."""
    of_value = _prior_per_order(prior)
    of_orders = sqrt(prior**2 - of_value**2)
    return parts.orders * parts.per_order < 0 and all(
        abs(part) > TRADE_FROM * hypot(error, usual)
        for part, error, usual in (
            (parts.orders, parts.orders_error, of_orders),
            (parts.per_order, parts.per_order_error, of_value),
        )
    )


def _prior_per_order(prior: float) -> float:
    return prior * PRIOR_PER_ORDER / PRIOR_SHARE


def _posterior_of_orders(parts: Parts, prior: float, factor: float) -> tuple[float, float]:
    """Mean and standard deviation of what orders won or lost bring, when the error is so many times as large.

    Method: a mixture of two normals as prior, so a mixture as posterior; each weighs by how probable the estimate is.
    """
    error = max(factor * parts.orders_error, TINY * prior)
    spreads = [each * prior / PRIOR_SHARE for _, each in PRIOR_ORDERS]
    wides = [hypot(error, each) for each in spreads]
    closest = min(abs(parts.orders) / each for each in wides)
    chances = [
        chance / wide * exp((closest**2 - (parts.orders / wide) ** 2) / 2)
        for (chance, _), wide in zip(PRIOR_ORDERS, wides, strict=True)
    ]
    chances = [each / sum(chances) for each in chances]
    means = [_weight(error, each) * parts.orders for each in spreads]
    mean = sum(chance * each for chance, each in zip(chances, means, strict=True))
    square = sum(
        chance * (_shrunk_error(error, spread) ** 2 + each**2)
        for chance, spread, each in zip(chances, spreads, means, strict=True)
    )
    return mean, sqrt(max(square - mean**2, 0.0))


def _error_of_parts(parts: Parts, prior: float, factor: float) -> float:
    """The error of the sum of both parts, each shrunk by its prior, when their errors are so many times as large."""
    _, of_orders = _posterior_of_orders(parts, prior, factor)
    return hypot(of_orders, _shrunk_error(factor * parts.per_order_error, _prior_per_order(prior)))


def _weight(error: float, prior: float) -> float:
    return prior**2 / (prior**2 + error**2) if prior > 0 else 1.0


def deciding_stretch(ledger: Ledger) -> Stretch | None:
    """The part of the judged days that the forecast rests on, when it says something else than the other days.

    The days on which all returns are in decide when they are worse than the younger ones, which may only look better.
    Where the younger days are worse, no returns are waited for: the newest week decides.
    """
    contribution = ledger.contribution_per_day
    by_id = {each.id: each for each in ledger.stretches if each.differs}
    mature = by_id.get("all-in")
    if mature is not None and contribution is not None and mature.contribution.value < contribution.value:
        return mature
    return by_id.get("newest-week")


def _precision_of(precision: Precision, chosen: Stretch | None) -> Precision:
    """The precision of the days that the forecast rests on."""
    if chosen is None:
        return precision
    of_days = sqrt(max(chosen.error**2 - precision.error_between**2, 0.0)) or precision.error_of_days
    return replace(precision, error=chosen.error, error_of_days=of_days, days_after=chosen.days)


def _days_factor(days_after: int, precision: Precision) -> float:
    """Variance of a difference of means for noise 1; a split of customers rests on no past (0 days before)."""
    past = 1.0 / precision.days_before if precision.days_before else 0.0
    return 1.0 / max(days_after, 1) + past


def _shrunk_error(error: float, prior: float) -> float:
    if prior <= 0 or error <= 0:
        return error
    return sqrt(1.0 / (1.0 / prior**2 + 1.0 / error**2))


def _expected_below(mean: float, error: float) -> float:
    """E[max(0, -x)] for x normal."""
    if error <= 0:
        return max(0.0, -mean)
    u = mean / error
    return max(0.0, error * NORMAL.pdf(u) - mean * NORMAL.cdf(-u))


def _chance_below(believed: Belief, limit: float) -> float:
    if believed.error <= 0:
        return float(believed.mean < limit)
    return NORMAL.cdf((limit - believed.mean) / believed.error)


def _waiting(believed: Belief, limit: float, horizon: float, days: int) -> Waiting:
    learnt = sqrt(max(believed.error**2 - believed.posterior_error_after(days) ** 2, 0.0))
    value = horizon * _expected_below(abs(believed.mean - limit), learnt)
    return Waiting(days, _cents(value), _cents(days * max(0.0, -believed.mean)))


def _choice(mean: float, limit: float, waiting: tuple[Waiting, ...]) -> Literal["keep", "roll-back", "wait"]:
    """Keep above the break-even; below it wait as long as that is worth more than it costs, else roll back."""
    if mean >= limit:
        return "keep"
    return "wait" if any(each.value > each.cost for each in waiting) else "roll-back"


def _answer(believed: Belief, limit: float, alpha: float, as_of: date | None) -> tuple[date | None, str]:
    """When the interval will lie on one side of the break-even, if the effect stays as it is."""
    away, reach = abs(believed.mean - limit), NORMAL.inv_cdf(1 - alpha)
    if reach * believed.error < away:
        return as_of, "the days so far answer it"
    if reach * believed.posterior_error_after(LONGEST_WAIT) >= away:
        return None, "more days alone will not answer it: the regions differ too much, or the effect is too small"
    few, many = 0, LONGEST_WAIT
    while many - few > 1:
        middle = (few + many) // 2
        is_enough = reach * believed.posterior_error_after(middle) < away
        few, many = (few, middle) if is_enough else (middle, many)
    on = as_of + timedelta(days=many) if as_of else None
    days = "1 more day" if many == 1 else f"{many} more days"
    return on, f"{days} will probably answer it{f', on {on.isoformat()}' if on else ''}, if it goes on as it is"


def _cents(amount: float) -> Decimal:
    return Decimal(repr(float(amount))).quantize(CENT) + Decimal(0)
