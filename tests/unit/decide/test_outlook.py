"""The look ahead against numerical integration, simulation and hand calculation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import hypot

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm
from unit.decide.test_facts import AFTER, facts, ledger

from contextcheck.decide.outlook import belief, outlook
from contextcheck.records import Ledger, MoneyEstimate, Outlook, Parts, Precision, Stretch

AS_OF = date(2026, 3, 22)


def known(
    value: float, error: float, *, base: float = 1e9, between: float = 0.0, days: int = 28, before: int = 56
) -> Ledger:
    """A ledger whose estimate has this error; with so large a base the prior says nothing."""
    reach = 1.6449 * error
    found = ledger(f"{value:.2f}", f"{value - reach:.2f}", f"{value + reach:.2f}")
    of_days = (error**2 - between**2) ** 0.5
    precision = Precision(error, of_days, between, 20, base, before, days)
    return replace(found, confidence_level=0.9, precision=precision, judged_days=days)


def ahead(found: Ledger, *, cost: float = 5000, horizon: int = 90, alpha: float = 0.05) -> Outlook:
    told = outlook(found, roll_back_cost=Decimal(str(cost)), horizon_days=horizon, alpha=alpha, as_of=AS_OF)
    assert told is not None
    return told


@pytest.mark.parametrize(("mean", "error"), [(0.0, 40.0), (-120.0, 60.0), (90.0, 45.0)])
def test_the_expected_costs_are_the_integrals_over_what_may_be_true(mean: float, error: float) -> None:
    found = ahead(known(mean, error))
    density = norm(mean, error).pdf
    lost = quad(lambda x: -x * density(x), mean - 12 * error, min(0, mean + 12 * error))[0] if mean < 400 else 0
    gained = quad(lambda x: x * density(x), max(0, mean - 12 * error), mean + 12 * error)[0]
    assert float(found.cost_of_keeping) == pytest.approx(90 * lost, rel=1e-3)
    assert float(found.cost_of_rolling_back) == pytest.approx(5000 + 90 * gained, rel=1e-3)
    assert found.chance_of_loss == pytest.approx(norm.cdf(0, mean, error), abs=1e-4)
    assert found.chance_worth_roll_back == pytest.approx(norm.cdf(-5000 / 90, mean, error), abs=1e-4)


def test_the_value_of_waiting_is_what_better_decisions_save_in_simulation() -> None:
    """Draw what is true, draw what a week more would show, decide with and without it, and count."""
    mean, error, days, before, horizon, cost = -70.0, 60.0, 28, 10_000_000, 90, 5000.0
    found = ahead(known(mean, error, days=days, before=before))
    rng = np.random.default_rng(1)
    truth = rng.normal(mean, error, 2_000_000)
    # The estimate so far rests on 28 days; 7 more come, independent, each day with the noise error x sqrt(28).
    more = truth + rng.normal(0, error * np.sqrt(days / 7), truth.size)
    weight_more = 7 / (days + 7)
    later = (1 - weight_more) * mean + weight_more * more
    keep_now = -horizon * truth.mean()
    best_now = min(keep_now, cost)
    best_later = np.where(later < -cost / horizon, cost, -horizon * truth).mean()
    week = next(each for each in found.waiting if each.days == 7)
    assert float(week.value) == pytest.approx(best_now - best_later, rel=0.03)
    assert float(week.cost) == pytest.approx(7 * 70, rel=1e-6)


def test_the_estimate_is_shrunk_by_a_prior_of_five_percent_of_what_the_region_earns() -> None:
    # Prior 5 % of 2,000 = 100, error 100: half of the estimate is believed, the error falls by sqrt(1/2).
    found = belief(known(-80, 100, base=2000))
    assert found is not None
    assert found.mean == pytest.approx(-40)
    assert found.error == pytest.approx(100 / 2**0.5)


def test_a_roll_back_pays_below_its_cost_spread_over_the_horizon() -> None:
    assert ahead(known(-40, 1)).choice == "keep"  # 40 x 90 = 3,600 < 5,000
    assert ahead(known(-60, 1)).choice == "roll-back"  # 60 x 90 = 5,400
    assert ahead(known(-60, 1), cost=6000).choice == "keep"
    assert ahead(known(-60, 1), horizon=30).choice == "keep"
    assert float(ahead(known(-60, 1)).break_even_per_day) == pytest.approx(-55.56)


def test_waiting_is_chosen_where_it_is_worth_more_than_it_costs() -> None:
    told = ahead(known(-60, 60, days=7), cost=5000)
    assert told.choice == "wait"
    assert any(each.value > each.cost for each in told.waiting)


def test_the_answer_comes_sooner_with_a_clearer_effect_and_never_where_regions_differ_too_much() -> None:
    # Away from the break-even of -55.56 by 104 and by 94; the interval reaches 148 now and 85 in the end.
    clear, faint = ahead(known(-160, 90)), ahead(known(-150, 90))
    assert clear.answer_on is not None and faint.answer_on is not None
    assert AS_OF < clear.answer_on < faint.answer_on
    assert ahead(known(-160, 10)).answer == "the days so far answer it"
    never = ahead(known(-130, 90, between=80))
    assert never.answer_on is None
    assert "more days alone will not answer it" in never.answer


def test_the_day_of_the_answer_is_the_first_on_which_the_interval_is_short_enough() -> None:
    told = ahead(known(-160, 90, days=28, before=56))
    assert told.answer_on is not None
    wanted = (told.answer_on - AS_OF).days

    def reach(more: int) -> float:
        return 1.6449 * 90 * ((1 / (28 + more) + 1 / 56) / (1 / 28 + 1 / 56)) ** 0.5

    assert reach(wanted) < 160 - 55.556 <= reach(wanted - 1)


def test_minimax_regret_takes_the_choice_that_can_turn_out_less_wrong() -> None:
    # -30 +- 82: kept at the low end 112 x 90 - 5,000 = 5,102; rolled back at the high end 5,000 + 52 x 90 = 9,703.
    told = ahead(known(-30, 50))
    assert told.minimax == "keep"
    assert float(told.regret_of_keeping) == pytest.approx(90 * (30 + 1.6449 * 50) - 5000, abs=1)
    assert float(told.regret_of_rolling_back) == pytest.approx(5000 + 90 * (1.6449 * 50 - 30), abs=1)
    assert ahead(known(-110, 50)).minimax == "roll-back"


def test_finances_alpha_moves_the_sign() -> None:
    found = known(-50, 40)  # certainly below 0 at 20 % (50 > 0.84 x 40), not at 5 % (50 < 1.64 x 40)
    assert facts(found, looked_ahead=ahead(found, alpha=0.05))["contribution_sign"] == "unclear"
    assert facts(found, looked_ahead=ahead(found, alpha=0.2))["contribution_sign"] == "loss"


def test_days_that_say_something_else_carry_the_forecast() -> None:
    week = Stretch(
        "newest-week", "the newest 7 judged days", AFTER, 7,
        MoneyEstimate(Decimal(-200), Decimal(-260), Decimal(-140)), 36.0, True,
    )  # fmt: skip
    found = replace(known(10, 30), stretches=(week,))
    told = ahead(found)
    assert told.based_on == "the newest 7 judged days"
    assert float(told.forecast_per_day) == pytest.approx(-200, abs=0.5)
    seen = facts(found, looked_ahead=told)
    assert (seen["contribution_sign"], seen["contribution"], seen["forecast_raw"]) == ("loss", 10.0, -200.0)
    same = replace(found, stretches=(replace(week, differs=False),))
    assert ahead(same).based_on == "all 28 judged days"


def test_without_money_there_is_no_look_ahead() -> None:
    nothing = Ledger("USD", None, None, 0.9, (), None, None, None, None, reason="3 quiet days, 14 needed")
    assert outlook(nothing, roll_back_cost=Decimal(5000), horizon_days=90, alpha=0.05, as_of=AS_OF) is None


def part(name: str, value: float, error: float = 36.0) -> Stretch:
    reach = 1.6449 * error
    money = MoneyEstimate(*(Decimal(f"{each:.2f}") for each in (value, value - reach, value + reach)))
    return Stretch("all-in" if name == "all-in" else "newest-week", name, AFTER, 7, money, error, True)


def test_young_days_that_look_better_than_they_are_do_not_carry_the_forecast() -> None:
    """Where returns are in it is a loss; the young days only look better, and the newest week is one of them."""
    found = replace(known(10, 30), stretches=(part("newest-week", 150), part("all-in", -80)))
    assert ahead(found).based_on == "all-in"


def test_young_days_that_are_worse_are_no_matter_of_returns_and_decide() -> None:
    found = replace(known(10, 30), stretches=(part("newest-week", -150), part("all-in", 60)))
    assert ahead(found).based_on == "newest-week"


def in_parts(orders: float, orders_error: float, per_order: float, per_order_error: float) -> Ledger:
    """An estimate in two parts for a region that earns 1,000 a day."""
    total = hypot(orders_error, per_order_error)
    found = known(orders + per_order, total, base=1000.0)
    assert found.precision is not None
    parts = Parts(orders, orders_error, per_order, per_order_error)
    return replace(found, precision=replace(found.precision, parts=parts))


def of_orders(estimate: float, error: float) -> tuple[float, float]:
    """Mean and standard deviation of orders won or lost, 0.9 N(0, 7.3) + 0.1 N(0, 94) beforehand, on a fine grid."""
    at = np.linspace(-600, 600, 240_001)
    density = (0.9 * norm.pdf(at, 0, 7.3) + 0.1 * norm.pdf(at, 0, 94)) * norm.pdf(estimate, at, error)
    mean = float((at * density).sum() / density.sum())
    return mean, float(np.sqrt((np.square(at - mean) * density).sum() / density.sum()))


@pytest.mark.parametrize(("orders", "error"), [(60.0, 60.0), (150.0, 50.0), (-150.0, 30.0), (5.0, 10.0)])
def test_in_two_parts_each_is_shrunk_by_its_own_prior(orders: float, error: float) -> None:
    # per order: prior 40, error 20: weight 1600 / 2000 = 0.8, variance 1600 x 400 / 2000 = 320
    found = belief(in_parts(orders, error, -100.0, 20.0))
    assert found is not None
    mean, spread = of_orders(orders, error)
    assert found.mean == pytest.approx(mean - 0.8 * 100, abs=0.05)
    assert found.error == pytest.approx((spread**2 + 320) ** 0.5, rel=1e-3)
    assert found.posterior_error_after(0) == pytest.approx(found.error)


def test_ups_and_downs_of_the_number_of_orders_count_little_and_a_collapse_counts() -> None:
    usual, collapse = (belief(in_parts(each, 50.0, 0.0, 20.0)) for each in (-60.0, -250.0))
    assert usual is not None and collapse is not None
    assert abs(usual.mean) < 0.15 * 60
    assert abs(collapse.mean) > 0.7 * 250
    # known to the last order, an estimate is what it says
    exact = belief(in_parts(-60.0, 0.0, 0.0, 20.0))
    assert exact is not None and exact.mean == pytest.approx(-60.0, rel=1e-6)


def test_a_loss_on_every_order_is_expected_to_go_on_though_the_whole_is_unclear() -> None:
    ledger = in_parts(60.0, 60.0, -100.0, 20.0)
    told = ahead(ledger, cost=2000)
    assert float(told.forecast_per_day) == pytest.approx(of_orders(60.0, 60.0)[0] - 80, abs=0.05)
    assert told.choice == "roll-back"
    found = facts(ledger, looked_ahead=told)
    assert found["contribution_sign"] == "unclear" and found["per_order_sign"] == "loss"
    assert found["per_order_high"] == pytest.approx(-100 + 1.6449 * 20, abs=0.01)
    whole = replace(ledger, precision=replace(ledger.precision, parts=None))  # type: ignore[arg-type]
    plain = facts(whole, looked_ahead=ahead(whole, cost=2000))
    assert plain["per_order_sign"] == "not_measurable"
    assert float(ahead(whole, cost=2000).forecast_per_day) > -68


def test_orders_won_for_value_lost_are_shrunk_as_one() -> None:
    # a feature that adds 40 % of orders worth nothing: -150 a day, known to 33; the parts are far beyond chance
    ledger = in_parts(500.0, 25.0, -650.0, 22.0)
    found = belief(ledger)
    assert found is not None
    error, prior = hypot(25.0, 22.0), 50.0
    assert found.mean == pytest.approx(-150 * prior**2 / (prior**2 + error**2), rel=1e-3)
    assert found.error == pytest.approx(error * prior / hypot(error, prior), rel=1e-3)
    # neither part alone makes a trade: the same sign, or orders within what chance and features do
    for orders, per_order in ((-500.0, -650.0), (80.0, -650.0)):
        other = belief(in_parts(orders, 25.0, per_order, 22.0))
        assert other is not None and other.parts is not None


def test_waiting_costs_a_positive_amount() -> None:
    found = replace(known(-120.0, 40.0), cost_of_waiting_per_day=Decimal("27.5"))
    assert facts(found, looked_ahead=ahead(found))["waiting_costs"] == 27.5
