"""A few typical journeys of customers around a flag: rounded, without any id, and only where many share the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from contextcheck.explain.journeys import ATTRIBUTES, journey_steps, shapes_of
from contextcheck.records import Journey, Journeys

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from contextcheck.explain.slices import Slice

MOST_STORIES, FEWEST_STORIES = 5, 3
MAX_SAMPLE = 1_000
# What is left out first when too few customers share a shape.
GENERALISED = ("account", "again", "orders", "basket", "hours", "kept")


def typical_journeys(slice_: Slice, suspects: Collection[str], story_k: int) -> Journeys:
    """Give three to five typical journeys of customers with flagged orders, and a suspicious one beside them.

    Args:
        slice_: Orders of the flag.
        suspects: Ids of the accounts worth a review; they are no part of the typical journeys.
        story_k: At least so many customers must share every journey that is told.

    Returns:
        The journeys, the most common first, the suspicious one last; empty with the reason when none may be told.

    Method: each customer with a flagged order becomes a shape of bands (basket against the line or the usual basket,
        outcome, hours to it, share kept, orders, whether it orders again, new account). The shapes are clustered by
        k-means (three to five clusters, by silhouette); the journey of a cluster is the shape of its medoid. Until at
        least `story_k` customers share exactly what is told, one attribute after the other is left out; counts are
        rounded down to tens, shares to 5 %.
    Source: k-anonymity, Sweeney (2002), Int. J. of Uncertainty, Fuzziness and Knowledge-Based Systems 10; silhouettes,
        Rousseeuw (1987); medoids, Kaufman and Rousseeuw (1990).
    Blind spots: told of the first flagged order of each customer; a rare journey is never told, however telling it is.
    """
    if slice_.scene.metric.kind in ("mean", "sum"):
        return Journeys(
            reason=f'journeys are told of flagged orders; "{slice_.scene.metric.title}" is no count of orders'
        )
    if not slice_.has("customer_id"):
        return Journeys(reason="the orders have no customer_id column")
    shapes = shapes_of(slice_)
    is_suspect = shapes["customer"].isin(list(suspects)).to_numpy()
    crowd, ring = shapes[~is_suspect], shapes[is_suspect]
    told = [*_told(slice_, crowd, story_k), *_suspicious(slice_, ring, story_k)]
    if not told:
        return Journeys(reason=f"no journey is shared by {story_k} customers ({len(shapes)} have a flagged order)")
    return Journeys(tuple(told))


def _told(slice_: Slice, crowd: pd.DataFrame, story_k: int) -> list[Journey]:
    """The journeys of the crowd, the most common first, none twice."""
    found: dict[tuple[tuple[str, str], ...], int] = {}
    for medoid in _medoids(crowd, slice_.scene.seed):
        shape, count = _shared(crowd, medoid, story_k)
        if shape:
            found.setdefault(tuple(shape.items()), count)
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    names = "ABCDE"
    return [
        _journey(slice_, f"customer {names[place]}", dict(shape), count, len(crowd), is_suspicious=False)
        for place, (shape, count) in enumerate(ordered)
    ]


def _suspicious(slice_: Slice, ring: pd.DataFrame, story_k: int) -> list[Journey]:
    """The most common shape of the accounts worth a review, when enough of them share it."""
    if len(ring) < story_k:
        return []
    counts = ring[list(ATTRIBUTES)].value_counts(sort=True)
    shape, count = _shared(ring, dict(zip(ATTRIBUTES, map(str, counts.index[0]), strict=True)), story_k)
    if not shape:
        return []
    return [_journey(slice_, "an account worth a review", shape, count, len(ring), is_suspicious=True)]


def _medoids(crowd: pd.DataFrame, seed: int) -> list[dict[str, str]]:
    """The shapes of the customers nearest to the middle of each cluster."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    shapes = crowd[list(ATTRIBUTES)].drop_duplicates()
    if len(shapes) <= FEWEST_STORIES:
        return _as_words(shapes)
    points = _points(shapes)
    place = crowd.groupby(list(ATTRIBUTES), sort=False).ngroup().to_numpy()
    rng = np.random.default_rng(seed)
    sample = points[place[rng.choice(len(place), min(MAX_SAMPLE, len(place)), replace=False)]]
    best: tuple[float, Any] | None = None
    for count in range(FEWEST_STORIES, min(MOST_STORIES, len(shapes) - 1) + 1):
        model = KMeans(count, n_init=4, random_state=seed).fit(sample)
        quality = float(silhouette_score(sample, model.labels_))
        if best is None or quality > best[0] + 1e-9:
            best = (quality, model)
    assert best is not None
    return _as_words(shapes.iloc[best[1].transform(points).argmin(axis=0)])


def _as_words(shapes: pd.DataFrame) -> list[dict[str, str]]:
    return [dict(zip(ATTRIBUTES, map(str, row), strict=True)) for row in shapes.itertuples(index=False)]


def _points(shapes: pd.DataFrame) -> NDArray[np.float64]:
    """Bands as points: one column per word, so that every attribute weighs the same."""
    return np.asarray(pd.get_dummies(shapes).to_numpy(dtype=np.float64))


def _shared(customers: pd.DataFrame, shape: dict[str, str], story_k: int) -> tuple[dict[str, str], int]:
    """The shape with as much left out as it takes until `story_k` customers share it; empty when that never happens."""
    left = dict(shape)
    for dropped in ("", *GENERALISED):
        left.pop(dropped, None)
        same = np.logical_and.reduce([customers[name].to_numpy() == value for name, value in left.items()])
        if int(same.sum()) >= story_k:
            return left, int(same.sum())
    return {}, 0


def _journey(
    slice_: Slice, name: str, shape: dict[str, str], count: int, among: int, *, is_suspicious: bool
) -> Journey:
    whole = count / slice_.sample_share
    return Journey(
        name=name,
        steps=journey_steps(shape),
        customers=int(whole // 10 * 10) if whole >= 10 else int(whole),
        share=round(20 * count / among) / 20,
        is_suspicious=is_suspicious,
    )
