"""Customers that share devices, addresses or payment instruments, as linked groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from contextcheck.explain.slices import Slice

    Codes = NDArray[np.int64]

MIN_ACCOUNTS = 5
MAX_KEY_ACCOUNTS = 250


@dataclass(frozen=True, slots=True)
class Groups:
    """Linked groups of customers.

    Attributes:
        of_customer: Group of each customer code, -1 for none (alone, or a group of household size).
        accounts: Customers per group.
        columns: The key columns that were looked at.
    """

    of_customer: Codes
    accounts: Codes
    columns: tuple[str, ...]


def linked_groups(slice_: Slice, columns: Sequence[str], min_accounts: int = MIN_ACCOUNTS) -> Groups:
    """Give the groups of customers that are connected by shared keys.

    Args:
        slice_: Orders of both periods.
        columns: Key columns that the orders have.
        min_accounts: Smaller groups (households) are no groups.

    Returns:
        The groups, numbered from 0.

    Method: connected components of the graph customer - key value; a value shared by more than 250 customers (a pick-up
        point, a forwarding desk, a public terminal) links nobody. Groups of fewer than 5 customers count as households.
    Source: connected components, Hopcroft and Tarjan (1973), Communications of the ACM 16.
    Blind spots: a ring that shares nothing; two rings that share one key are one group.
    """
    return slice_.kept(f"groups {' '.join(columns)} {min_accounts}", lambda: _groups(slice_, columns, min_accounts))


def _groups(slice_: Slice, columns: Sequence[str], min_accounts: int) -> Groups:
    customers = int(slice_.cluster.max()) + 1 if len(slice_.cluster) else 0
    edges = _edges(slice_, columns, customers)
    if not len(edges):
        return Groups(np.full(customers, -1, dtype=np.int64), np.zeros(0, dtype=np.int64), tuple(columns))
    component = components(edges[:, 0], edges[:, 1] - customers, customers)
    sizes = np.bincount(component)
    large = np.flatnonzero(sizes >= min_accounts)
    number = np.full(len(sizes), -1, dtype=np.int64)
    number[large] = np.arange(len(large))
    return Groups(number[component], sizes[large].astype(np.int64), tuple(columns))


def components(customer: Codes, key: Codes, customers: int) -> Codes:
    """Give the connected component of each customer.

    Args:
        customer: Customer code of each (customer, key) pair, 0 upwards.
        key: Code of the key that it shares with others, 0 upwards.
        customers: Number of customers; those in no pair are components of their own.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    nodes = customers + (int(key.max()) + 1 if len(key) else 0)
    graph = coo_matrix((np.ones(len(key)), (customer, key + customers)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1][:customers], dtype=np.int64)


def _edges(slice_: Slice, columns: Sequence[str], customers: int) -> Codes:
    """Distinct (customer, key node) pairs of every column; nodes are numbered after the customers."""
    found: list[Codes] = []
    nodes = customers
    for column in columns:
        codes = slice_.frame[column].astype("category").cat.codes.to_numpy().astype(np.int64)
        known = codes >= 0
        if not known.any():
            continue
        values = int(codes.max()) + 1
        pairs = np.unique(slice_.cluster[known] * values + codes[known])
        customer, value = pairs // values, pairs % values
        sharing = np.bincount(value, minlength=values)
        linking = (sharing[value] > 1) & (sharing[value] <= MAX_KEY_ACCOUNTS)
        found.append(np.stack([customer[linking], value[linking] + nodes], axis=1))
        nodes += len(sharing)
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)
