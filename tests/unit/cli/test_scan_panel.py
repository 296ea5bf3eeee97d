"""`contextcheck scan --panel` and `--flags-csv`: a panel of any names is searched, and what needs orders is said."""

import json

import jsonschema
import numpy as np
import pandas as pd
import pytest

from contextcheck.cli.app import run
from contextcheck.report import json_report


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    random = np.random.default_rng(3)
    parts = []
    for region, orders in (("north", 5000), ("south", 800), ("islands", 90)):
        exposure = random.poisson(orders, 120)
        rate = np.full(120, 0.05)
        rate[100:108] = 0.09 if region == "south" else 0.05
        frame = {"date": pd.date_range("2026-01-05", periods=120), "region": region, "metric": "complaints"}
        parts.append(pd.DataFrame({**frame, "events": random.binomial(exposure, rate), "exposure": exposure}))
    path = tmp_path_factory.mktemp("panel") / "panel.csv"
    pd.concat(parts).to_csv(path, index=False)
    return path


@pytest.fixture
def scanned(panel, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def scan(*options):
        code = run(["scan", "--panel", str(panel), "--quiet", *options])
        return code, capsys.readouterr()

    return scan


def test_findings_are_valid_and_say_what_needs_orders(scanned, tmp_path):
    code, _ = scanned("--out", "found.json")
    assert code == 0
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    schema = json_report.__file__.replace("json_report.py", "schemas/findings-1.schema.json")
    with open(schema, encoding="utf-8") as file:
        jsonschema.validate(found, json.load(file))
    (flag,) = found["flags"]
    assert flag["region"] == "south"
    assert flag["metric"] == "complaints"
    assert flag["explanations"] == []
    assert "panel of sums" in json.dumps(flag["impact"])
    assert flag["recommendation"]["action"] in ("watch", "ask-local-team")


def test_the_page_does_not_claim_that_anything_was_tested(scanned):
    _, told = scanned("--out", "-")
    assert "Why: nothing could be tested" in told.out
    assert "0 orders" not in told.out


def test_the_table_of_days_has_them_all(scanned, tmp_path):
    scanned("--out", "-", "--flags-csv", "days.csv")
    days = pd.read_csv(tmp_path / "days.csv")
    assert len(days) == 3 * 120
    assert set(days.loc[days["flag"] == 1, "region"]) == {"south"}


def test_direction_down_sees_no_rise(scanned, tmp_path):
    scanned("--out", "-", "--flags-csv", "days.csv", "--direction", "down")
    assert pd.read_csv(tmp_path / "days.csv")["flag"].sum() == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["scan", "orders.csv", "--panel", "panel.csv"], "give one of the two"),
        (["scan", "orders.csv", "--direction", "up"], "is for --panel"),
        (["scan", "--panel", "nowhere.csv"], "no such file"),
    ],
)
def test_contradicting_options_are_refused(options, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(options) in (2, 3)
    assert said in capsys.readouterr().err


def test_since_judges_the_newest_day_alone(scanned, tmp_path):
    code, _ = scanned("--out", "-", "--flags-csv", "days.csv", "--since", "newest")
    assert code == 0
    days = pd.read_csv(tmp_path / "days.csv")
    # the panel starts on 5 January and has 120 days
    assert days["date"].unique().tolist() == ["2026-05-04"]
    assert len(days) == 3


@pytest.mark.parametrize(("given", "code"), [("soon", "ST135"), ("2027-01-01", "ST136")])
def test_a_since_that_cannot_be_is_refused_with_a_remedy(scanned, given, code):
    ended, told = scanned("--out", "-", "--since", given)
    assert ended == 2
    assert code in told.err
    assert "newest" in told.err


def test_a_weekly_panel_is_told_in_weeks(tmp_path, monkeypatch, capsys):
    random = np.random.default_rng(5)
    counts = random.poisson(np.where(np.arange(150) >= 148, 130, 60))
    frame = {"week": pd.date_range("2023-01-02", periods=150, freq="7D"), "region": "DE", "metric": "complaints"}
    pd.DataFrame({**frame, "events": counts}).to_csv(tmp_path / "weeks.csv", index=False)
    monkeypatch.chdir(tmp_path)
    assert run(["scan", "--panel", "weeks.csv", "--quiet", "--out", "-"]) == 0
    told = capsys.readouterr().out
    assert "a week" in told
    # two weeks, the last of which is dated with its first day
    assert "14 days" in told
