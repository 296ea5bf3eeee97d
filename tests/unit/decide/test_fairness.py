"""Flags and actions per market beside losses: exact tests against hand calculation and scipy."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from scipy.stats import binom, binomtest
from unit.report import report_cases as cases

from contextcheck.decide.fairness import (
    Fairness,
    binomial_tail,
    clopper_pearson,
    fairness,
    holm,
)
from contextcheck.errors import SettingsError
from contextcheck.records import Finding, Investigation, MarketTotals
from contextcheck.report.fairness_report import render_fairness
from contextcheck.report.interface import ShowOptions

OPTIONS = ShowOptions(pseudonym_key="a key of the tests")
FORMATS = ("terminal", "markdown", "html", "json")


def investigation(
    flags: dict[str, int], losses: dict[str, str | None], *, finding: Finding | None = None
) -> Investigation:
    """So many flags per market; losses are per day over ten days."""
    first = finding or cases.finding()
    findings = tuple(
        replace(first, flag=replace(first.flag, id=f"{region}-{number}", region=region))
        for region, count in flags.items()
        for number in range(count)
    )
    markets = tuple(
        MarketTotals(
            region, 1000.0, 10, None if loss is None else Decimal(loss) * 10, "" if loss else "no money columns"
        )
        for region, loss in losses.items()
    )
    base = cases.padding_investigation()
    return replace(base, findings=findings, markets=markets, regions=tuple(losses))


@pytest.mark.parametrize(("count", "total", "share"), [(3, 10, 0.1), (7, 8, 0.25), (1, 40, 0.02), (0, 5, 0.5)])
def test_the_chance_of_so_many_or_more_is_the_binomial_one(count: int, total: int, share: float) -> None:
    assert binomial_tail(count, total, share) == pytest.approx(binom.sf(count - 1, total, share))


@pytest.mark.parametrize(("count", "total"), [(0, 12), (2, 10), (9, 11), (12, 12)])
def test_the_interval_of_a_share_is_clopper_and_pearsons(count: int, total: int) -> None:
    known = binomtest(count, total).proportion_ci(0.95, method="exact")
    assert clopper_pearson(count, total, 0.95) == pytest.approx((known.low, known.high), abs=1e-6)


def test_holm_never_lets_a_smaller_p_value_overtake_a_larger_one() -> None:
    # 0.01 x 4, 0.02 x 3 = 0.06, 0.03 x 2 = 0.06, 0.4 x 1.
    assert holm({"a": 0.01, "b": 0.02, "c": 0.03, "d": 0.4}) == pytest.approx(
        {"a": 0.04, "b": 0.06, "c": 0.06, "d": 0.4}
    )


def test_a_market_flagged_more_than_its_losses_justify_is_called_out() -> None:
    # KR has 10 % of the losses and 6 of 8 flags: 28 x 0.1^6 x 0.9^2 + 8 x 0.1^7 x 0.9 + 0.1^8, times 3 markets.
    page = fairness([investigation({"KR": 6, "DE": 1, "US": 1}, {"KR": "10", "DE": "45", "US": "45"})])
    assert page.called_out[0] == ("KR", "flags")
    share = next(row for row in page.rows if row.region == "KR").shares["flags"]
    assert share.p_value == pytest.approx(3 * 2.341e-5, rel=1e-3)


def test_a_market_whose_losses_justify_its_flags_is_not() -> None:
    page = fairness([investigation({"KR": 6, "DE": 1, "US": 1}, {"KR": "80", "DE": "10", "US": "10"})])
    assert page.called_out == ()


def test_few_flags_are_told_and_never_called_out() -> None:
    page = fairness([investigation({"KR": 4}, {"KR": "1", "DE": "99"})])
    assert page.called_out == ()
    assert "flags: 4 in all, too few to judge how they fall on markets (5 needed)" in page.not_judged


def test_one_incident_with_many_accounts_counts_once() -> None:
    ring = cases.ring_investigation().findings[0]
    page = fairness([investigation({"KR": 1, "DE": 5}, {"KR": "1", "DE": "99"}, finding=ring)])
    row = next(each for each in page.rows if each.region == "KR")
    assert (row.accounts, row.shares["accounts"].count) == (8, 1)
    assert page.called_out == ()


def test_a_market_whose_loss_is_not_known_is_said_and_not_judged() -> None:
    page = fairness([investigation({"KR": 6, "DE": 1}, {"KR": None, "DE": "10"})])
    assert "loss not known, so not judged: KR" in page.not_judged
    assert [row.region for row in page.rows] == ["DE"]


def test_a_flag_in_two_files_counts_once() -> None:
    one = investigation({"KR": 2}, {"KR": "5", "DE": "5"})
    page = fairness([one, replace(one, run=replace(one.run, as_of=cases.AS_OF))])
    assert (page.repeated, page.rows[1].flags + page.rows[0].flags) == (2, 2)


def test_fair_flags_are_seldom_called_out() -> None:
    """Flags that fall as the losses do, 400 times: at most about 5 % of the pages may call out a market."""
    import numpy as np

    rng = np.random.default_rng(3)
    losses = {"KR": "5", "DE": "20", "US": "30", "FR": "45"}
    wrong = 0
    for _ in range(400):
        drawn = rng.multinomial(12, [float(loss) / 100 for loss in losses.values()])
        page = fairness([investigation(dict(zip(losses, map(int, drawn), strict=True)), dict(losses))])
        wrong += any(what == "flags" for _, what in page.called_out)
    assert wrong <= 28  # 20 expected at most; 28 is beyond 95 % of Binomial(400, 0.05)


def page_of_all() -> Fairness:
    return fairness([investigation({"KR": 6, "DE": 1, "US": 1}, {"KR": "10", "DE": "45", "US": "45"})])


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_calls_out_the_market(format: str) -> None:
    page = render_fairness(page_of_all(), {"KR": "South Korea"}, format, OPTIONS)
    if format == "json":
        tree = json.loads(page)
        assert tree["called_out"][0] == {"region": "KR", "what": "flags"}
        assert tree["markets"][-1]["shares"]["flags"]["expected"] == pytest.approx(0.1)
    else:
        assert "losses justify" in page
        assert "6 of 8" in page


def test_a_format_without_such_a_page_is_refused() -> None:
    with pytest.raises(SettingsError, match="RP102.*terminal, markdown, html, json"):
        render_fairness(page_of_all(), {}, "csv", OPTIONS)
