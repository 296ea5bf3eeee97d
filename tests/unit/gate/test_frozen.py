"""What is fixed at a launch: written, read back, and compared value by value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from unit.gate.test_judge import KEEP, LEDGER, POLICY, effect_of

from contextcheck.errors import SettingsError
from contextcheck.gate.frozen import FIELDS, check_frozen, default_path, frozen_text, read_frozen
from contextcheck.gate.inputs import RegionInput, Stakes
from contextcheck.gate.judge import judge_region
from contextcheck.records import Frozen

VALUES = {
    "feature": 'a "free" bar',
    "metric": "contribution",
    "unit": "day",
    "policy": "default",
    "policy_sha256": "ab" * 32,
    "alpha": "0.05",
    "horizon_days": "90",
    "roll_back_cost": "5000",
    "margin_per_day": "55.56",
    "watch_days": "28",
    "tuned_to_days": "28",
}
REGIONS = {
    "NO": {"start": "2026-03-02", "level_per_day": "20000.00", "roll_back_days": "0.25", "alpha": "0.2"},
    "My market": {"start": "2026-03-09", "level_per_day": "-3.10", "roll_back_days": "unknown", "alpha": "0.05"},
}


def written(folder: Path) -> Frozen:
    path = folder / "bar.yaml"
    path.write_text(frozen_text(VALUES, REGIONS, as_of="2026-03-01"), encoding="utf-8")
    return read_frozen(path)


def now(**changed: str) -> dict[str, str]:
    starts = {f"regions.{name}.start": each["start"] for name, each in REGIONS.items()}
    return {**VALUES, **starts, **changed}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    frozen = written(tmp_path)
    assert {key: frozen.values[key] for key in FIELDS} == VALUES
    assert frozen.alphas == {"NO": 0.2, "My market": 0.05}
    assert frozen.levels == {"NO": 20000.0, "My market": -3.1}
    check_frozen(frozen, now())


def test_the_same_number_written_otherwise_is_the_same(tmp_path: Path) -> None:
    check_frozen(written(tmp_path), now(alpha="0.050", roll_back_cost="5000.00"))


@pytest.mark.parametrize("key", FIELDS)
def test_every_value_that_differs_is_refused_by_name(tmp_path: Path, key: str) -> None:
    with pytest.raises(SettingsError, match=f"{key} was fixed as .* at the launch and is 9 now"):
        check_frozen(written(tmp_path), now(**{key: "9"}))


def test_all_differences_are_named_at_once_and_a_new_region_is_one(tmp_path: Path) -> None:
    changed = {**now(alpha="0.2", metric="revenue"), "regions.DE.start": "2026-03-02"}
    with pytest.raises(SettingsError) as raised:
        check_frozen(written(tmp_path), changed)
    assert [problem.code for problem in raised.value.problems] == ["GF201"] * 3
    assert "regions.DE.start was fixed as nothing" in raised.value.problems[-1].message


def test_the_planned_share_of_a_region_is_fixed_where_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "bar.yaml"
    half = {**REGIONS, "NO": {**REGIONS["NO"], "exposed_share": "0.5"}}
    path.write_text(frozen_text(VALUES, half, as_of="2026-03-01"), encoding="utf-8")
    check_frozen(read_frozen(path), now(**{"regions.NO.exposed_share": "0.50"}))
    for changed in (now(), now(**{"regions.NO.exposed_share": "0.4"})):
        with pytest.raises(SettingsError, match="regions.NO.exposed_share was fixed as 0.5 at the launch"):
            check_frozen(read_frozen(path), changed)


def test_a_file_that_lacks_something_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bar.yaml"
    text = frozen_text(VALUES, REGIONS, as_of="2026-03-01")
    path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("alpha")), encoding="utf-8")
    with pytest.raises(SettingsError, match='"alpha" is missing'):
        read_frozen(path)


def test_the_fixed_alpha_and_level_count_and_not_those_of_today(tmp_path: Path) -> None:
    frozen = replace(written(tmp_path), levels={"KR": 10_000.0}, alphas={"KR": 0.1})
    region = RegionInput("KR", "contribution", effect_of(-100), 20_000.0, "day", LEDGER, KEEP)
    verdict = judge_region(region, POLICY, Stakes(0.05, True, 5000.0, 90, 1), frozen=frozen)
    assert verdict.figures is not None
    assert (verdict.figures.alpha, verdict.figures.level_per_day) == (0.1, 10_000.0)
    # 5,000 / 10,000 a day
    assert verdict.figures.roll_back_days == 0.5


def test_another_unit_than_the_fixed_one_is_doubted(tmp_path: Path) -> None:
    frozen = replace(written(tmp_path), values={**VALUES, "unit": "customer"})
    region = RegionInput("KR", "contribution", effect_of(4120), 20_000.0, "day", LEDGER, KEEP)
    stakes = Stakes(0.05, False, 5000.0, 90, 1)
    assert judge_region(region, POLICY, stakes).decision == "pass"
    found = judge_region(region, POLICY, stakes, frozen=frozen)
    assert found.decision == "hold"
    assert "the unit was fixed as the customer, but the data are judged by the day" in found.reasons[0]


def test_the_file_lies_beside_the_settings_under_a_name_that_every_system_takes() -> None:
    assert default_path(Path("shop"), "free/shipping: bar") == Path("shop/gates/free-shipping-bar.yaml")
    assert default_path(Path(), "..") == Path("gates/feature.yaml")
