"""What regions borrow from each other, against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from contextcheck.panel.baseline_pool import ExtraVariance, Likeness, Weekdays, like_days

ONE = np.zeros(1, dtype=np.intp)


def alone(weekdays: Weekdays, departures: list[float]) -> float:
    """What one region's Monday is believed to do after such departures from an even week, one a week."""
    for whole in departures:
        effect = weekdays.effects()[:, 0]
        left = np.array([whole]) - effect
        weekdays.learn(0, effect, (np.clip(left, -0.1, 0.1), left), np.full(1, 400.0), np.ones(1, dtype=np.bool_))
        for weekday in range(1, 7):
            other = weekdays.effects()[:, weekday]
            weekdays.learn(
                weekday, other, (np.clip(-other, -0.1, 0.1), -other), np.full(1, 400.0), np.ones(1, dtype=np.bool_)
            )
    return float(weekdays.effects()[0, 0])


def new_weekdays() -> Weekdays:
    return Weekdays(ONE, 1, np.full(1, 0.08), np.full(1, 0.05))


def test_a_far_weekday_is_believed_once_the_next_week_shows_it_again() -> None:
    assert alone(new_weekdays(), [-3.0]) > -0.2
    assert alone(new_weekdays(), [-3.0, -3.0]) < -1.0
    assert alone(new_weekdays(), [-3.0] * 12) == pytest.approx(-2.7, abs=0.4)


def test_one_far_week_teaches_a_weekday_no_more_than_an_ordinary_departure() -> None:
    assert abs(alone(new_weekdays(), [0.0, 0.0, -3.0, 0.0, 0.0])) < 0.05
    # nor do two that contradict each other
    assert abs(alone(new_weekdays(), [0.0, -3.0, 3.0, 0.0])) < 0.05


def weeks_of(weekdays: Weekdays, departures: np.ndarray) -> None:
    """Weeks of departures from an even week, weeks × 7, of days that may not teach."""
    for week in departures:
        for weekday, whole in enumerate(week):
            effect = weekdays.effects()[:, weekday]
            left = np.array([whole]) - effect
            clipped, teaches = np.clip(left, -0.1, 0.1), np.abs(left) < 0.1
            weekdays.learn(weekday, effect, (clipped, left), np.full(1, 400.0), teaches)


def test_a_weekday_that_is_another_one_for_a_month_is_learned_anew_inside_an_incident() -> None:
    weekdays = new_weekdays()
    weeks_of(weekdays, np.zeros((30, 7)))
    closed = np.zeros((5, 7))
    closed[:, 6] = -3.0
    weeks_of(weekdays, closed[:4])
    assert abs(weekdays.effects()[0, 6]) < 0.1
    weeks_of(weekdays, closed[4:])
    assert weekdays.effects()[0, 6] < -2


def test_a_change_of_all_weekdays_is_no_new_shape() -> None:
    weekdays = new_weekdays()
    weeks_of(weekdays, np.zeros((30, 7)))
    known = weekdays.information.copy()
    weeks_of(weekdays, np.full((6, 7), 0.8))
    assert (weekdays.information > 0.8 * known).all()


def test_weekdays_average_a_factor_of_one() -> None:
    weekdays = new_weekdays()
    alone(weekdays, [-3.0] * 5)
    assert np.exp(weekdays.effects()).mean() == pytest.approx(1.0)


@pytest.mark.parametrize("likeness", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("days", [1, 2, 7, 28])
def test_the_variance_of_a_sum_of_like_days_is_that_of_their_correlations(likeness: float, days: int) -> None:
    apart = np.abs(np.subtract.outer(np.arange(days), np.arange(days)))
    assert like_days(np.array([likeness]), days)[0] == pytest.approx((likeness**apart).sum() / days)


@pytest.mark.parametrize(("likeness", "found"), [(0.0, 0.0), (0.5, 0.45)])
def test_how_alike_days_are_is_learned_over_the_regions(likeness: float, found: float) -> None:
    rng = np.random.default_rng(1)
    regions = 30
    learner = Likeness(np.zeros(regions, dtype=np.intp), 1)
    noise = rng.normal(0, 1, regions)
    for _ in range(200):
        noise = likeness * noise + np.sqrt(1 - likeness**2) * rng.normal(0, 1, regions)
        learner.learn(noise, rng.random(regions) < 0.9)
    assert learner.estimate() == pytest.approx(np.full(regions, found), abs=0.05)


def test_a_new_region_is_cut_where_its_metric_varies() -> None:
    """Thirty regions that depart six times as far as was believed, and one that begins today."""
    rng = np.random.default_rng(3)
    extra = ExtraVariance(np.zeros(31, dtype=np.intp), 1, np.full(31, 0.05**2))
    is_seen = np.arange(31) < 30
    for _ in range(10):
        extra.limited(rng.normal(0, 0.3, 31), np.full(31, 0.05**2), is_seen)
    cut = extra.limited(np.full(31, 5.0), np.full(31, 0.05**2), is_seen)
    assert cut[30] == pytest.approx(2 * 0.3, rel=0.15)
    alone = ExtraVariance(ONE, 1, np.full(1, 0.05**2))
    assert alone.limited(np.full(1, 5.0), np.full(1, 0.05**2), np.ones(1, dtype=np.bool_)) == pytest.approx(0.1)


def test_a_metric_far_noisier_than_believed_is_known_within_a_fortnight() -> None:
    """Thirty regions that vary by 30 % a day, where 5 % was believed."""
    rng = np.random.default_rng(2)
    regions = 30
    extra = ExtraVariance(np.zeros(regions, dtype=np.intp), 1, np.full(regions, 0.05**2))
    for _ in range(14):
        departure = rng.normal(0, 0.3, regions)
        limited = extra.limited(departure, extra.estimate(), np.ones(regions, dtype=np.bool_))
        extra.learn(limited**2, np.full(regions, 1e-4), np.ones(regions, dtype=np.bool_))
    assert np.sqrt(np.median(extra.estimate())) == pytest.approx(0.3, rel=0.3)
