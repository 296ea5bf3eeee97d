"""What customers say, whether it is only more orders, and what linked accounts carry: planted, absent, not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from explain_worlds import BEFORE, LINE, ORDERS, WINDOW, in_window, quiet, sign, slice_of, with_padding, with_ring
from test_investigate import CANCEL, PADDING, entry, flag, orders_of, panel_of

from contextcheck.explain.investigate import explain_flag
from contextcheck.explain.signs.shared_keys import SharedKeys
from contextcheck.explain.signs.voice import Voice
from contextcheck.explain.signs.volume import Volume
from contextcheck.explain.voice_context import voice_notes
from contextcheck.explain.voices import Voice as Table
from contextcheck.explain.voices import orders_of_rows
from contextcheck.load.tables import load_tables
from contextcheck.settings import read_settings

COMPLAIN = sign("voice", expect="up", topic=("deliv*",), among="all")
SILENT = sign("voice", expect="not_up", among="all")
UNHAPPY = sign("voice", source="surveys", expect="down", among="all", margin=0.05)


def contacts(frame: pd.DataFrame, seed: int, share: float, rise: float = 0.0) -> pd.DataFrame:
    """A share of the orders is followed by a contact about delivery within two days; in the window `rise` more."""
    rng = np.random.default_rng(seed + 50)
    wanted = rng.random(len(frame)) < np.where(in_window(frame), share + rise, share)
    rows = frame[wanted]
    at = rows["created_at"] + pd.to_timedelta(rng.uniform(0.5, 47, len(rows)), unit="h").floor("s")
    return pd.DataFrame(
        {
            "created_at": at,
            "customer_id": rows["customer_id"],
            "topic": rng.choice(["delivery", "delivery", "other"], len(rows)),
            "language": rng.choice(["ko", "en"], len(rows), p=[0.9, 0.1]),
        }
    ).reset_index(drop=True)


def table(rows: pd.DataFrame, name: str = "contacts", **changes: object) -> Table:
    frame = rows.assign(day=rows["created_at"].dt.floor("D"))
    end = pd.Timestamp(WINDOW.end) + pd.Timedelta(days=4)
    given = {"has_regions": True, "scale": (1.0, 5.0), "first": pd.Timestamp(BEFORE.start), "last": end}
    return Table(name, frame, **(given | changes))  # type: ignore[arg-type]


def voice(rows: pd.DataFrame, frame: pd.DataFrame, which=COMPLAIN, name: str = "contacts", **changes: object):
    return Voice().test(slice_of(frame, voices={name: table(rows, name, **changes)}), which).evidence


def test_complaints_that_rise_by_six_points_are_found_with_the_planted_share_inside_the_interval():
    frame = quiet(3)
    found = voice(contacts(frame, 3, 0.03, rise=0.06), frame)
    assert found.result == "supports"
    assert found.effect.low <= 0.06 * 2 / 3 <= found.effect.high  # two thirds of the contacts are about delivery
    assert "were followed by a contact about deliv* within 3 days" in found.sentence
    assert "is usual here" in found.sentence and "in ko 9" in found.sentence


def test_contacts_that_stay_as_they_were_contradict_a_rise_and_support_silence():
    frame = quiet(3)
    rows = contacts(frame, 3, 0.03)
    assert voice(rows, frame).result == "contradicts"
    assert voice(rows, frame, SILENT).result == "supports"
    assert voice(contacts(frame, 3, 0.03, rise=0.08), frame, SILENT).result == "contradicts"


def test_a_contact_belongs_to_the_latest_order_before_it_and_to_the_order_it_names():
    times = pd.to_datetime(["2026-03-02 10:00", "2026-03-04 10:00", "2026-03-03 10:00"])
    frame = quiet(1).iloc[:3].assign(created_at=times, customer_id=["a", "a", "b"], order_id=["o1", "o2", "o3"])
    at = ["2026-03-04 12:00", "2026-03-03 12:00", "2026-03-01 12:00", "2026-03-04 12:00", "2026-03-20 12:00"]
    rows = pd.DataFrame({"created_at": pd.to_datetime(at), "customer_id": ["a", "a", "a", "nobody", "b"]})
    # the second order of a; the first; before any; a stranger; too late
    assert orders_of_rows(slice_of(frame), table(rows), 72.0).tolist() == [1, 0, -1, -1, -1]
    named = rows.assign(order_id=["o1", None, None, "o3", "o3"])
    assert orders_of_rows(slice_of(frame), table(named), 72.0).tolist() == [0, 0, -1, 2, -1]


def test_ten_agents_with_many_contacts_are_not_many_customers():
    frame = quiet(3)
    frame["customer_id"] = np.char.mod("agent%d", np.arange(len(frame)) % 10)
    found = voice(contacts(frame, 3, 0.03, rise=0.3), frame)
    assert found.result == "not_testable" and "about 10 customers" in found.reason


def test_few_answers_are_muted_and_no_table_is_said():
    frame = quiet(3)
    few = contacts(frame, 3, 0.0005).assign(score=3.0)
    found = voice(few, frame, UNHAPPY, "surveys")
    assert found.result == "not_testable" and "30 needed" in found.reason
    missing = Voice().test(slice_of(frame), COMPLAIN).evidence
    assert missing.reason == "no contacts are given (key contacts: of contextcheck.yaml)"


def answers(frame: pd.DataFrame, seed: int, drop: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed + 70)
    rows = frame[rng.random(len(frame)) < 0.08]
    score = 4.0 - np.where(in_window(rows), drop, 0.0) + rng.normal(0, 0.8, len(rows))
    at = rows["created_at"] + pd.Timedelta(days=1)
    return pd.DataFrame({"created_at": at, "customer_id": rows["customer_id"], "score": score, "language": "ko"})


def test_scores_of_the_same_market_that_fall_are_found_and_other_countries_are_not_compared():
    frame = quiet(5)
    found = voice(answers(frame, 5, 0.6).reset_index(drop=True), frame, UNHAPPY, "surveys")
    assert found.result == "supports"
    assert found.effect.low <= -0.6 / 4 <= found.effect.high  # 0.6 points of a scale of 4 points
    assert "scores of different countries are not compared" in found.sentence
    assert voice(answers(frame, 5, 0.0).reset_index(drop=True), frame, UNHAPPY, "surveys").result == "contradicts"


def test_when_other_languages_answer_than_before_scores_are_left_open():
    frame = quiet(5)
    rows = answers(frame, 5, 0.6).reset_index(drop=True)
    rows.loc[in_window(rows), "language"] = np.where(np.arange(in_window(rows).sum()) % 2, "ko", "en")
    found = voice(rows, frame, UNHAPPY, "surveys")
    assert found.result == "not_testable" and "languages of the answers changed" in found.reason


def test_a_table_without_customers_is_counted_per_order_and_day():
    frame = quiet(3)
    calm, loud = (contacts(frame, 3, 0.05, rise=rise).drop(columns="customer_id") for rise in (0.0, 0.1))
    found = voice(loud, frame)
    assert found.result == "supports" and "per 100 orders of the market" in found.sentence
    assert voice(calm, frame, SILENT).result == "supports"
    nobody = voice(loud, frame, has_regions=False)
    assert nobody.result == "not_testable" and "no region" in nobody.reason


def test_topics_over_the_usual_are_told_as_context():
    frame = quiet(3)
    notes = voice_notes(slice_of(frame, voices={"contacts": table(contacts(frame, 3, 0.03, rise=0.06))}))
    assert any(note.topic == "delivery" and "times as often as usual" in note.sentence for note in notes)
    assert voice_notes(slice_of(frame, voices={"contacts": table(contacts(frame, 3, 0.03))})) == ()


def test_from_the_settings_over_the_file_to_the_explanation(tmp_path):
    frame = with_padding(quiet(2), 2)
    rows = contacts(frame, 2, 0.03, rise=0.06).assign(country="KR")
    rows.to_csv(tmp_path / "tickets.csv", index=False)
    tables = load_tables(read_settings(None, [f'contacts.path="{tmp_path / "tickets.csv"}"']), lambda _: None).tables
    late = entry("late", "operational", (sign("voice", expect="up", topic=("delivery",), among="all"),))
    metrics, this = {"cancel_rate": CANCEL, "orders": ORDERS}, flag()
    result = explain_flag(
        this,
        orders_of(frame),
        panel_of(frame),
        (PADDING, late),
        metrics=metrics,
        lines={"free_shipping_threshold": {"KR": LINE}},
        launches=(),
        flags=(this,),
        tables=tables,
    )
    assert {each.id: each.verdict for each in result.explanations}["late"] == "supported"
    evidence = next(each for each in result.explanations if each.id == "late").evidence[0]
    assert evidence.reference == "KR 2026-01-11 to 2026-02-28"  # whole weeks, one guard day before the flag
    assert any("delivery" in note.sentence for note in result.voice)


def test_twice_the_orders_at_the_same_rate_are_only_more_orders():
    frame = quiet(4, cancel_rate=0.2)
    twice = pd.concat([frame, frame[in_window(frame)].assign(customer_id=lambda f: f["customer_id"] + "x")])
    more = slice_of(twice.reset_index(drop=True))
    only, beyond = sign("volume", expect="only", margin=0.15), sign("volume", expect="beyond")
    assert Volume().test(more, only).evidence.result == "supports"
    spike = slice_of(with_padding(quiet(4), 4))
    found = Volume().test(spike, beyond).evidence
    assert found.result == "supports" and "times the usual amount per order" in found.sentence
    assert Volume().test(spike, only).evidence.result == "contradicts"
    assert "more of them is what it measures" in Volume().test(slice_of(frame, ORDERS), only).evidence.reason


def test_linked_accounts_carry_a_planted_ring_and_not_a_crowd():
    few = sign("shared_keys", at_least=0.5)
    ring = SharedKeys().test(slice_of(with_ring(quiet(4), 4, accounts=200, orders=600)), few).evidence
    assert ring.result == "supports" and "of the excess comes from accounts that share" in ring.sentence
    crowd = SharedKeys().test(slice_of(with_padding(with_ring(quiet(4), 4, orders=60), 4)), few).evidence
    assert crowd.result == "contradicts"
    assert "none of the columns" in SharedKeys().test(slice_of(quiet(4, is_lean=True)), few).evidence.reason


@pytest.mark.parametrize("which", [SILENT, sign("volume", expect="only")])
def test_without_a_quiet_past_they_say_so(which):
    frame = quiet(3)
    scene = {"before": None, "before_reason": "3 quiet days", "voices": {"contacts": table(contacts(frame, 3, 0.03))}}
    test = Voice() if which.test == "voice" else Volume()
    found = test.test(slice_of(frame[in_window(frame)].reset_index(drop=True), **scene), which).evidence
    assert found.reason == "3 quiet days"
