"""Answers of the engine as frames: the same as what ibis gives, by another way."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from contextcheck.explain.reading import in_order
from contextcheck.panel.frames import read_frame

SQL = """
select * from (values
  ('b', 'x', 1::bigint, 1.5::double, true, timestamp '2026-01-01 10:00:00', date '2026-01-01'),
  ('A', null, 2, null, false, null, null),
  (null, 'y', 3, 2.5, true, timestamp '2026-01-03 11:00:00', date '2026-01-02'),
  ('b', 'é', 4, 0.5, true, timestamp '2026-01-03 11:00:00', date '2026-01-02')
) v(word, other, whole, number, flag, moment, day)
"""


@pytest.fixture
def table() -> ibis.Table:
    return ibis.duckdb.connect().sql(SQL)


def test_values_and_kinds_are_those_of_ibis(table: ibis.Table) -> None:
    frame, usual = read_frame(table), table.to_pandas()
    pd.testing.assert_frame_equal(frame, usual)
    pd.testing.assert_frame_equal(read_frame(table.limit(0)), table.limit(0).to_pandas(), check_dtype=False)


def test_texts_as_categories_are_in_alphabetical_order_whatever_came_first(table: ibis.Table) -> None:
    frame = read_frame(table, categories=("word", "other"))
    assert list(frame["word"].cat.categories) == ["A", "b"] and list(frame["other"].cat.categories) == ["x", "y", "é"]
    for name in ("word", "other"):
        pd.testing.assert_series_equal(frame[name], table.to_pandas()[name].astype("category"))


def test_rows_come_by_time_and_then_by_number_in_whatever_order_the_engine_gives_them() -> None:
    rng = np.random.default_rng(5)
    moments = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 40, 300), unit="s")
    found = pd.DataFrame({"created_at": moments, "order_id": [f"o{n}" for n in rng.permutation(300)], "n": range(300)})
    wanted = found.sort_values(["created_at", "order_id"], ignore_index=True)
    pd.testing.assert_frame_equal(in_order(found), wanted)
    pd.testing.assert_frame_equal(in_order(found.sample(frac=1, random_state=1)), wanted)
    assert in_order(found.iloc[:0]).empty


def test_without_numbers_rows_of_the_same_time_come_by_all_they_hold() -> None:
    rng = np.random.default_rng(6)
    found = pd.DataFrame(
        {
            "created_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 20, 400), unit="s"),
            "status": pd.Categorical(rng.choice(["placed", "cancelled"], 400)),
            "total": rng.choice([1.0, 2.0, np.nan], 400),
            "later": pd.to_datetime(rng.choice(["2026-02-01", "NaT"], 400)),
            "seen": rng.choice(np.array([True, False, None]), 400),
        }
    )
    ordered = in_order(found)
    for seed in range(3):
        pd.testing.assert_frame_equal(in_order(found.sample(frac=1, random_state=seed)), ordered)
    assert ordered["created_at"].is_monotonic_increasing
    # nothing is lost: every kind of row is there as often as before
    columns = list(found.columns)
    before, after = (each.astype(str).value_counts(columns).sort_index() for each in (found, ordered))
    pd.testing.assert_series_equal(before, after)
