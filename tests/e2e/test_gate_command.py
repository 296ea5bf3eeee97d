"""`contextcheck gate` as a CI job runs it, on a small shop that is drawn here."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from e2e.gate_orders import write_shop
from jsonschema import Draft202012Validator

SCHEMA = Draft202012Validator(
    json.loads(files("contextcheck.report").joinpath("schemas/verdict-1.schema.json").read_text("utf-8"))
)
ASKED = ("gate", "--feature", "bar", "-q")


def verdict(folder: Path, name: str = "verdict.json") -> dict:
    tree = json.loads((folder / name).read_text(encoding="utf-8"))
    SCHEMA.validate(tree)
    return tree


def region(tree: dict, name: str) -> dict:
    return next(each for each in tree["regions"] if each["region"] == name)


@pytest.fixture(scope="module")
def shops(tmp_path_factory) -> dict[str, Path]:
    """A harmless launch, and one that costs a quarter of the order value in DE alone."""
    found = {}
    for name, cancel in (("harmless", {}), ("harmful", {"DE": 0.3})):
        folder = tmp_path_factory.mktemp(name)
        found[name] = write_shop(folder, change={"KR": 1.06, "DE": 1.06}, cancel=cancel)
    return found


def at(folder: Path) -> tuple[str, ...]:
    return (*ASKED, "-c", str(folder / "contextcheck.yaml"))


def test_a_loss_in_one_market_is_rolled_back_there_and_every_reason_has_its_figures(contextcheck, shops, tmp_path):
    ended = contextcheck(*at(shops["harmful"]), "--regions-off-file", "off.txt", "--write", "junit=gate.xml")
    assert ended.code == 1, ended.out
    tree = verdict(tmp_path)
    assert (tree["decision"], tree["exit_code"], tree["off"]) == ("roll-back", 1, ["DE"])
    harm = region(tree, "DE")["lines"][0]
    assert harm["kind"] == "harm" and harm["metric"] == "contribution" and harm["unit"] == "USD a day"
    assert harm["value"] < harm["bound"] < harm["limit"] == 0 and harm["n"] >= 7
    assert (tmp_path / "off.txt").read_text(encoding="utf-8") == "DE\n"
    suite = ElementTree.fromstring((tmp_path / "gate.xml").read_text(encoding="utf-8"))
    assert suite.attrib["failures"] == "1"
    assert "[value " in ended.out and "bound " in ended.out


def test_a_harmless_launch_passes(contextcheck, shops, tmp_path):
    ended = contextcheck(*at(shops["harmless"]))
    assert ended.code == 0, ended.out
    found = region(verdict(tmp_path), "KR")
    assert found["figures"]["lower"] > -found["figures"]["break_even"]
    assert found["figures"]["unit"] in ("day", "customer")


def test_a_dry_run_says_what_it_would_do_and_switches_nothing_off(contextcheck, shops, tmp_path):
    ended = contextcheck(*at(shops["harmful"]), "--dry-run", "--regions-off-file", "off.json")
    assert ended.code == 0
    assert "dry run: would exit 1, exit 0" in ended.out
    tree = verdict(tmp_path)
    assert (tree["dry_run"], tree["would_exit"], tree["exit_code"]) == (True, 1, 0)
    assert not (tmp_path / "off.json").exists()


def test_the_same_question_gives_the_same_bytes_and_is_confirmed(contextcheck, shops, tmp_path):
    asked = (*at(shops["harmful"]), "--as-of", "2026-04-15", "--seed", "5")
    contextcheck(*asked, "-o", "one.json")
    contextcheck(*asked, "-o", "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    ended = contextcheck("gate", "verify", "one.json", "-q", "-c", shops["harmful"] / "contextcheck.yaml")
    assert ended.code == 0, ended.out
    assert "confirmed from the same evidence" in ended.out


def test_other_orders_or_a_changed_verdict_are_not_confirmed(contextcheck, shops, tmp_path):
    contextcheck(*at(shops["harmful"]))
    settings = ("-q", "-c", shops["harmful"] / "contextcheck.yaml")
    other = contextcheck("gate", "verify", "verdict.json", shops["harmless"] / "orders.csv", *settings)
    assert other.code == 3
    assert "evidence_pack.inputs[0].sha256" in other.out
    text = (tmp_path / "verdict.json").read_text(encoding="utf-8")
    (tmp_path / "verdict.json").write_text(
        text.replace('"decision": "roll-back"', '"decision": "pass"'), encoding="utf-8"
    )
    changed = contextcheck("gate", "verify", "verdict.json", *settings)
    assert changed.code == 1
    assert "decision: pass then, roll-back now" in changed.out


def test_what_is_fixed_at_the_launch_cannot_be_changed_unseen(contextcheck, shops, tmp_path):
    folder = shops["harmful"]
    init = ("gate", "init", "--feature", "bar", "-q", "-c", folder / "contextcheck.yaml", "-o", "bar.yaml")
    ended = contextcheck(*init)
    assert ended.code == 0, ended.err
    text = (tmp_path / "bar.yaml").read_text(encoding="utf-8")
    for key in (
        "metric: contribution",
        "unit: day",
        "alpha: 0.05",
        "horizon_days: 90",
        "policy_sha256:",
        "watch_days: 28",
    ):
        assert key in text
    assert "start: 2026-03-02" in text and "level_per_day:" in text
    assert contextcheck(*init).code == 2
    assert contextcheck(*at(folder), "--frozen", "bar.yaml").code == 1
    assert "GF101" not in contextcheck(*at(folder), "--frozen", "bar.yaml").out
    changed = contextcheck(*at(folder), "--frozen", "bar.yaml", "--set", "decision.alpha=0.2")
    assert changed.code == 2 and changed.out == ""
    assert "alpha was fixed as 0.05 at the launch and is 0.2 now" in changed.err
    cost = contextcheck(*at(folder), "--frozen", "bar.yaml", "--set", "costs.roll_back=1")
    assert "roll_back_cost was fixed as 2000 at the launch and is 1 now" in cost.err
    assert contextcheck(*at(folder), "--frozen", "nowhere.yaml").code == 2


def test_a_launch_that_plans_a_share_is_fixed_by_customer_before_it_begins(contextcheck, tmp_path):
    write_shop(tmp_path, change={"KR": 1.06, "DE": 1.06}, exposed_share=0.5)
    planned = "launches=[{feature: bar, regions: [KR, DE], start: 2026-03-02, exposed_share: 0.5}]"
    before = ("--as-of", "2026-02-28", "--set", planned)
    assert contextcheck("gate", "init", "--feature", "bar", "-q", *before).code == 0
    fixed = (tmp_path / "gates" / "bar.yaml").read_text(encoding="utf-8")
    assert "\nunit: customer\n" in fixed and "KR: {start: 2026-03-02, exposed_share: 0.5," in fixed
    later = contextcheck(*ASKED, "--set", planned)
    assert "the unit was fixed" not in later.out and later.code in (0, 4), later.out + later.err
    changed = contextcheck(*ASKED, "--set", planned.replace("0.5}", "0.4}"))
    assert changed.code == 2 and "regions.KR.exposed_share was fixed as 0.5 at the launch and is 0.4 now" in changed.err


def test_alpha_follows_the_cost_that_the_shop_has_set(contextcheck, shops, tmp_path):
    level = None
    for cost, alpha in (("100000", 0.05), ("10", 0.2)):
        contextcheck(*at(shops["harmless"]), "--set", f"costs.roll_back={cost}")
        tree = verdict(tmp_path)
        assert tree["alpha"] == alpha
        level = region(tree, "KR")["figures"]["level_per_day"]
    # 60 orders of 40 a day, 5 % cancelled, half of it margin: 60 x 40 x 0.95 x 0.5 = 1,140 less what the defaults cost
    assert 900 < level < 1200


def test_a_panel_is_judged_by_the_best_metric_it_has(contextcheck, tmp_path):
    rng = np.random.default_rng(8)
    rows = ["date,region,metric,events,exposure,value_sum"]
    for day in np.arange("2026-01-05", "2026-04-13", dtype="datetime64[D]"):
        for name in ("KR", "DE", "FR", "GB"):
            factor = 0.8 if name == "DE" and str(day) >= "2026-03-02" else 1.0
            orders = int(rng.poisson(200))
            rows.append(f"{day},{name},orders,{orders},,")
            rows.append(f"{day},{name},revenue,,{orders},{orders * 40 * factor * rng.normal(1, 0.02):.2f}")
    (tmp_path / "panel.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    launch = "launches=[{feature: bar, regions: [KR, DE], start: 2026-03-02}]"
    ended = contextcheck(*ASKED, "--panel", "panel.csv", "--set", launch, "--set", "currency=USD")
    assert ended.code == 1, ended.out + ended.err
    tree = verdict(tmp_path)
    assert tree["input"] == "panel" and tree["off"] == ["DE"]
    assert region(tree, "DE")["figures"]["metric"] == "revenue"
    assert "revenue −" in ended.out
    again = ("gate", "verify", "verdict.json", "--panel", "panel.csv", "--set", launch, "--set", "currency=USD", "-q")
    assert contextcheck(*again).code == 0
    assert contextcheck("gate", "verify", "verdict.json", "-q").code == 2


def test_a_findings_file_is_judged_by_what_it_holds(contextcheck, shops, tmp_path):
    scanned = contextcheck("scan", "-c", shops["harmful"] / "contextcheck.yaml", "-q", "-o", "findings.json")
    assert scanned.code == 0
    asked = (
        "gate",
        "--feature",
        "bar",
        "-q",
        "--findings",
        "findings.json",
        "-c",
        shops["harmful"] / "contextcheck.yaml",
    )
    ended = contextcheck(*asked)
    tree = verdict(tmp_path)
    assert tree["input"] == "findings"
    assert region(tree, "KR")["decision"] == "hold"
    assert ended.code in (1, 4)
    flagged = region(tree, "DE")
    assert flagged["flags"] and flagged["figures"]["upper"] > flagged["figures"]["mean"]


@pytest.mark.parametrize(
    ("shop", "words"),
    [
        ({"fail_on": ("DE", 20)}, "exposed orders failed on 2026-03-22"),
        ({"free_on": ("DE", 20)}, "orders on 2026-03-22 with hardly any revenue"),
    ],
)
def test_one_disastrous_day_stops_a_feature_without_statistics(contextcheck, tmp_path, shop, words):
    write_shop(tmp_path, change={"KR": 1.06, "DE": 1.06}, **shop)
    ended = contextcheck(*ASKED)
    assert ended.code == 1, ended.out
    tree = verdict(tmp_path)
    assert tree["off"] == ["DE"]
    assert words in region(tree, "DE")["lines"][0]["text"]


def test_old_late_and_partial_data_hold(contextcheck, tmp_path):
    write_shop(tmp_path, change={"KR": 1.06, "DE": 1.06})
    assert contextcheck(*ASKED, "--as-of", "2026-04-19").code == 0
    stale = contextcheck(*ASKED, "--as-of", "2026-05-19")
    assert stale.code == 4 and "no fresh data" in stale.out
    write_shop(tmp_path, change={"KR": 1.06, "DE": 1.06}, thin_from=46)
    partial = contextcheck(*ASKED)
    assert partial.code == 4 and "partial load" in partial.out


def test_a_market_without_orders_at_the_end_holds_and_one_that_fades_in_a_loaded_market_rolls_back(
    contextcheck, tmp_path
):
    write_shop(tmp_path, change={"KR": 1.06, "DE": 1.06}, silent_from=("DE", 46))
    late = contextcheck(*ASKED)
    assert late.code == 4, late.out
    assert "late data: the last order of DE is of 2026-04-16" in region(verdict(tmp_path), "DE")["lines"][0]["text"]
    with (tmp_path / "orders.csv").open("a", encoding="utf-8") as orders:
        for day in (18, 19):
            orders.write(f"x{day},DE,2026-04-{day} 09:00:00,delivered,40.00,40.00,USD,c1\n")
    fading = contextcheck(*ASKED)
    assert fading.code == 1, fading.out
    assert "under 40% of that on each of the 2 days with orders" in region(verdict(tmp_path), "DE")["lines"][0]["text"]


def test_a_panel_with_visits_and_no_orders_rolls_back_and_one_without_them_holds(contextcheck, tmp_path):
    rows = ["date,region,metric,events,exposure,value_sum"]
    rng = np.random.default_rng(8)
    days = np.arange("2026-01-05", "2026-03-20", dtype="datetime64[D]")
    for day in days:
        for name in ("KR", "DE", "FR", "GB"):
            orders = 0 if name == "DE" and day == days[-1] else int(rng.poisson(200))
            rows.append(f"{day},{name},orders,{orders},,")
            rows.append(f"{day},{name},revenue,,{orders},{orders * 40 * rng.normal(1, 0.02):.2f}")
    launch = "launches=[{feature: bar, regions: [DE], start: 2026-03-02}]"
    asked = (*ASKED, "--panel", "panel.csv", "--set", launch, "--set", "currency=USD")
    (tmp_path / "panel.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    held = contextcheck(*asked)
    assert held.code == 4 and "not one order on 2026-03-19" in held.out, held.out + held.err
    visits = [f"{day},{name},conversion,{0 if day == days[-1] else 200},9000," for day in days for name in ("DE", "FR")]
    (tmp_path / "panel.csv").write_text("\n".join([*rows, *visits]) + "\n", encoding="utf-8")
    stopped = contextcheck(*asked)
    assert stopped.code == 1 and "other figures of the market were counted on 2026-03-19" in stopped.out, stopped.out


def test_an_exposed_share_that_was_not_meant_holds(contextcheck, tmp_path):
    write_shop(tmp_path, change={"KR": 1.06, "DE": 1.06}, exposed_share=0.7)
    (tmp_path / "own" / "gates").mkdir(parents=True)
    shipped = Path(__file__).resolve().parents[2] / "rules" / "gates" / "default.yaml"
    own = shipped.read_text(encoding="utf-8").replace("gate: default", "gate: half") + "  exposed_share: 0.5\n"
    (tmp_path / "own" / "gates" / "half.yaml").write_text(own, encoding="utf-8")
    ended = contextcheck(*ASKED, "--policy", "half", "--set", "knowledge.rules=own")
    assert ended.code == 4, ended.out + ended.err
    assert "sample ratio" in ended.out
    launch = "launches=[{{feature: bar, regions: [KR, DE], start: 2026-03-02, exposed_share: {}}}]"
    ended = contextcheck(*ASKED, "--set", launch.format(0.5))
    assert ended.code == 4 and "50% were meant to be" in ended.out, ended.out
    ended = contextcheck(*ASKED, "--set", launch.format(0.7))
    tree = verdict(tmp_path)
    assert region(tree, "KR")["figures"]["unit"] == "customer", ended.out
    assert not [line for each in tree["regions"] for line in each["lines"] if line["kind"] == "data"], ended.out
    # the plan of the launch goes before that of the policy
    ended = contextcheck(*ASKED, "--policy", "half", "--set", "knowledge.rules=own", "--set", launch.format(0.7))
    assert "sample ratio" not in ended.out
    unknown = contextcheck(*ASKED, "--policy", "haf", "--set", "knowledge.rules=own")
    assert unknown.code == 2 and 'did you mean "half"?' in unknown.err
    write_shop(tmp_path, change={"KR": 1.06, "DE": 1.06})
    ended = contextcheck(*ASKED, "--set", launch.format(0.5))
    assert ended.code == 4 and "cannot be compared with the others: no feature_exposed" in ended.out, ended.out


def test_a_guardrail_on_a_metric_that_does_not_exist_is_an_error(contextcheck, tmp_path):
    write_shop(tmp_path, days=70)
    (tmp_path / "own" / "gates").mkdir(parents=True)
    (tmp_path / "own" / "gates" / "mine.yaml").write_text(
        "gate: mine\nguardrails:\n  - {metric: cancel_rat, worse: up, margin: 0.1}\n", encoding="utf-8"
    )
    ended = contextcheck(*ASKED, "--policy", "mine", "--set", "knowledge.rules=own")
    assert ended.code == 3 and ended.out == ""
    assert 'own/gates/mine.yaml:3:5: RL250 unknown metric "cancel_rat"; did you mean "cancel_rate"?' in ended.err


def write_exception(folder: Path, expires: str = "2026-12-31", more: str = "") -> None:
    (folder / "exceptions.yaml").write_text(
        f"exceptions:\n  - scope: {{feature: bar, regions: [DE]}}\n    owner: de-market\n"
        f"    reason: the price cut was agreed until summer\n    expires: {expires}\n{more}",
        encoding="utf-8",
    )


def test_an_exception_is_shown_and_counted_and_runs_out(contextcheck, shops, tmp_path):
    write_exception(tmp_path)
    ended = contextcheck(*at(shops["harmful"]), "--exceptions", "exceptions.yaml")
    assert ended.code == 0, ended.out
    assert "roll back set aside until 2026-12-31 by de-market" in ended.out and "1 exception used" in ended.out
    assert verdict(tmp_path)["exceptions"][0]["is_used"] is True
    path = tmp_path / "exceptions.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("[DE]", "[DEE], metrics: [contribuition]"), "utf-8")
    ended = contextcheck(*at(shops["harmful"]), "--exceptions", "exceptions.yaml")
    assert ended.code == 1 and ended.out.count("exceptions.yaml:2:5: GX302") == 2, ended.out
    assert 'no region of bar is called so; did you mean "DE"?' in ended.out
    assert 'no metric is called so; did you mean "contribution"?' in ended.out
    write_exception(tmp_path, "2026-03-31")
    ended = contextcheck(*at(shops["harmful"]), "--exceptions", "exceptions.yaml")
    assert ended.code == 1 and "GX301" in ended.out
    harmless = contextcheck(*at(shops["harmless"]), "--exceptions", "exceptions.yaml")
    assert harmless.code == 3, harmless.out
    assert verdict(tmp_path)["exit_code"] == 3


@pytest.mark.parametrize("lacking", ["owner", "reason", "expires", "scope"])
def test_an_exception_needs_scope_owner_reason_and_expiry(contextcheck, shops, tmp_path, lacking):
    write_exception(tmp_path)
    path = tmp_path / "exceptions.yaml"
    text = path.read_text(encoding="utf-8").replace("- scope", "-\n    scope")
    path.write_text("\n".join(line for line in text.splitlines() if f"{lacking}:" not in line) + "\n", encoding="utf-8")
    ended = contextcheck(*at(shops["harmful"]), "--exceptions", "exceptions.yaml")
    assert ended.code == 3 and f'"{lacking}" is missing' in ended.err


def test_only_new_or_worse_counts_against_a_baseline(contextcheck, shops, tmp_path):
    contextcheck(*at(shops["harmful"]), "--as-of", "2026-04-10", "-o", "before.json")
    known = contextcheck(*at(shops["harmful"]), "--baseline", "before.json")
    assert known.code == 0, known.out
    assert "known since 2026-04-10" in known.out
    assert verdict(tmp_path)["known"] == ["DE"]
    for _ in range(2):
        again = contextcheck(*at(shops["harmful"]), "--baseline", "verdict.json")
        assert again.code == 0 and verdict(tmp_path)["known"] == ["DE"], again.out
    contextcheck(*at(shops["harmless"]), "-o", "before.json")
    assert contextcheck(*at(shops["harmful"]), "--baseline", "before.json").code == 1
    (tmp_path / "before.json").write_text("{}", encoding="utf-8")
    assert contextcheck(*at(shops["harmful"]), "--baseline", "before.json").code == 3


def test_every_format_is_written_beside_the_verdict(contextcheck, shops, tmp_path):
    names = ("text", "json", "junit", "markdown", "github", "github-outputs", "gitlab", "prometheus")
    wanted = [option for name in names for option in ("--write", f"{name}=out/{name}.txt")]
    assert contextcheck(*at(shops["harmful"]), *wanted).code == 1
    written = {name: (tmp_path / "out" / f"{name}.txt").read_text(encoding="utf-8") for name in names}
    assert written["json"] == (tmp_path / "verdict.json").read_text(encoding="utf-8")
    assert "roll-back-regions=DE\n" in written["github-outputs"] and "decision=roll-back\n" in written["github-outputs"]
    assert "::error title=bar in DE::" in written["github"]
    (entry,) = [each for each in json.loads(written["gitlab"]) if each["severity"] == "blocker"]
    assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
    assert 'contextcheck_gate_decision{feature="bar",region="DE",decision="roll-back"} 1\n' in written["prometheus"]
    assert contextcheck(*at(shops["harmful"]), "--write", "junit").code == 2
    unknown = contextcheck(*at(shops["harmful"]), "--write", "junitt=x.xml")
    assert unknown.code == 2 and 'did you mean "junit"?' in unknown.err


def test_one_input_at_a_time(contextcheck, shops):
    both = contextcheck(*at(shops["harmful"]), "orders.csv", "--panel", "p.csv")
    assert both.code == 2 and "give one" in both.err
