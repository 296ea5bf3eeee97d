"""What an engine answers: as a data frame, without turning any value into a Python object on the way, or held."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Collection

    import ibis

_ENGINE = Lock()
"""The connection that holds the orders answers one question at a time; flags are explained in several threads."""


def read_frame(table: ibis.Table, categories: Collection[str] = ()) -> pd.DataFrame:
    """Run a query and give its rows; queries of other threads wait.

    Args:
        table: The query; it is run once.
        categories: Text columns that are given as categories (in alphabetical order), because few words come back often
            or because they are only compared.

    Returns:
        One row per row of the answer; texts as `str`, times and days as datetime64, missing numbers as NaN.

    Ibis' own `to_pandas` makes a Python list of every column with a missing value: half the time of reading an
    incident's orders, most of which were never cancelled.
    """
    with _ENGINE:
        answer = table.to_pyarrow()
    return pd.DataFrame(
        {
            name: _categories(column) if name in categories else _plain(column)
            for name, column in zip(answer.column_names, answer.columns, strict=True)
        }
    )


def in_memory(rows: ibis.Table | pd.DataFrame) -> ibis.Table:
    """Run a query once, or take a frame, and give its rows as a table of an engine of its own.

    Ibis' `memtable` stays registered for as long as the process runs; this goes away with the last reference to it.
    """
    import ibis

    if isinstance(rows, pd.DataFrame):
        held = pa.Table.from_pandas(rows, preserve_index=False)
    else:
        with _ENGINE:
            held = rows.to_pyarrow()
    connection = ibis.duckdb.connect()
    connection.con.register("held", held)
    return connection.table("held")


def _plain(column: Any) -> Any:
    is_day = pa.types.is_date(column.type)
    return column.cast(pa.timestamp("s")).to_pandas() if is_day else column.to_pandas()


def _categories(column: Any) -> Any:
    """A text column as categories; the engine's dictionary is put in order, its codes follow."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column.to_pandas().astype("category")
    coded = pc.dictionary_encode(column).combine_chunks()
    words = pd.Index(coded.dictionary.to_pandas(), dtype="str")
    order = words.argsort()
    rank = np.empty(len(words) + 1, dtype=np.int64)
    rank[order] = np.arange(len(words))
    rank[-1] = -1
    codes = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return pd.Categorical.from_codes(rank[codes], categories=words[order])
