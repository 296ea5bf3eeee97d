"""Which days and which regions can be compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from contextcheck.impact.split import Split
    from contextcheck.panel.reference import Reference
    from contextcheck.records import CounterfactualMethod, Window

MIN_DAYS_AFTER = 3
MIN_DAYS_BEFORE = 14
MIN_SHARE_OF_DAYS = 0.8
MAX_DAYS_OF_HISTORY = 56


@dataclass(frozen=True, slots=True)
class Comparison:
    """The days and regions that are compared.

    Attributes:
        region: The region under study.
        before: Its quiet days, usable in every control as well.
        after: The days judged, usable in every control as well.
        controls: Regions that serve as controls; empty for own past only.
        dropped: Region to the reason why it is no control.
        left_out: Sentences about days that do not count, such as "4 days are too young".
        reason: Why nothing can be compared; empty otherwise.
        later: Regions where the feature comes later, with the first day on which they are no control any more.
        split: Customers who saw the feature and customers who did not; None when there is no launch.
        method: How the counterfactual is made.
        not_used: Better methods that could not be used, each with the reason.
        history: Days before `before` without a flag or launch, usable in every control as well; they only tell how
            far regions drift apart by themselves.
    """

    region: str
    before: pd.DatetimeIndex
    after: pd.DatetimeIndex
    controls: tuple[str, ...]
    dropped: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    reason: str = ""
    later: Mapping[str, pd.Timestamp] = field(default_factory=dict)
    split: Split | None = None
    method: CounterfactualMethod = "ratio-did"
    not_used: tuple[tuple[CounterfactualMethod, str], ...] = ()
    history: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([]))

    @property
    def all_controls(self) -> tuple[str, ...]:
        """Every region that serves as a control on some day after."""
        return (*self.controls, *self.later)


def cells(table: pd.DataFrame, days: pd.DatetimeIndex, regions: Sequence[str]) -> NDArray[np.float64]:
    """Some days × regions of a table of numbers; what `table.loc` gives at ten times the cost.

    Raises:
        KeyError: A day or a region is not in the table.
    """
    rows = table.index.get_indexer(days)
    if (rows < 0).any():
        raise KeyError(f"{days[rows < 0][0]:%Y-%m-%d} is not in the table")
    columns = np.array([table.columns.get_loc(region) for region in regions], dtype=np.int64)
    found: NDArray[np.float64] = table.to_numpy(dtype=float)[np.ix_(rows, columns)]
    return found


def compare_days(
    usable: pd.DataFrame, immature: pd.DataFrame, empty: pd.DataFrame, region: str, window: Window, reference: Reference
) -> Comparison:
    """Choose the days and the controls that can be compared.

    Args:
        usable: Day × region, True where the day counts.
        immature: Day × region, True where the day is complete but too young to judge.
        empty: Day × region, True where a complete day has no order at all.
        region: The region under study.
        window: The days to judge.
        reference: The quiet past and the possible controls.

    Returns:
        The comparison; with a reason when there are too few days.
    """
    nothing = pd.DatetimeIndex([])
    if reference.before is None:
        return Comparison(region, nothing, nothing, (), reference.dropped, reason=reference.reason)
    if region not in usable.columns:
        return Comparison(region, nothing, nothing, (), reference.dropped, reason=f"no orders in {region}")
    own = usable[region]
    days = pd.DatetimeIndex(usable.index)
    before = days[(own & _inside(days, reference.before)).to_numpy()]
    after = days[(own & _inside(days, window)).to_numpy()]
    controls, dropped = _covering(usable, reference, before.union(after))
    later = _later(usable, reference, before.union(after))
    if controls or later:
        shared = _shared(usable, controls, later)
        before, after = before[shared.loc[before].to_numpy()], after[shared.loc[after].to_numpy()]
        later = {name: until for name, until in later.items() if (after < until).sum() >= MIN_DAYS_AFTER}
        dropped = {name: reason for name, reason in dropped.items() if name not in later}
    history = _history(usable, reference, [region, *controls, *later])
    left_out = _left_out(immature[region], empty[region], window)
    reason = ""
    if len(after) < MIN_DAYS_AFTER:
        unit = "day" if len(after) == 1 else "days"
        reason = f"{len(after)} {unit} that can be judged since {window.start}, {MIN_DAYS_AFTER} needed"
        reason = "; ".join((reason, *left_out))
    elif len(before) < MIN_DAYS_BEFORE:
        reason = f"{len(before)} comparable days before {window.start}, {MIN_DAYS_BEFORE} needed"
    return Comparison(region, before, after, controls, dropped, left_out, reason, later, history=history)


def _history(usable: pd.DataFrame, reference: Reference, regions: list[str]) -> pd.DatetimeIndex:
    """The last eight weeks of the clean past before the quiet days, as far as they can be compared everywhere."""
    if reference.clean is None or reference.before is None:
        return pd.DatetimeIndex([])
    days = pd.DatetimeIndex(usable.index)
    is_there = (days >= pd.Timestamp(reference.clean.start)) & (days < pd.Timestamp(reference.before.start))
    counts = usable[regions].all(axis=1).to_numpy()
    return days[is_there & counts][-MAX_DAYS_OF_HISTORY:]


def _inside(days: pd.Index, window: Window) -> pd.Series:
    inside = (days >= pd.Timestamp(window.start)) & (days <= pd.Timestamp(window.end))
    return pd.Series(inside, index=days)


def _covering(
    usable: pd.DataFrame, reference: Reference, days: pd.DatetimeIndex
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The controls whose days can be compared, and why the others cannot."""
    dropped = dict(reference.dropped)
    kept: list[str] = []
    for control in reference.controls:
        covered = int(usable[control].reindex(days, fill_value=False).sum()) if control in usable.columns else 0
        if len(days) == 0 or covered < MIN_SHARE_OF_DAYS * len(days):
            dropped[control] = f"{covered} of {len(days)} days can be compared"
        else:
            kept.append(control)
    return tuple(kept), dropped


def _later(usable: pd.DataFrame, reference: Reference, days: pd.DatetimeIndex) -> dict[str, pd.Timestamp]:
    """Regions that get the feature later and whose days until then can be compared."""
    found = {}
    for name, first_live in reference.later.items():
        until = pd.Timestamp(first_live)
        wanted = days[days < until]
        covered = int(usable[name].reindex(wanted, fill_value=False).sum()) if name in usable.columns else 0
        if len(wanted) and covered >= MIN_SHARE_OF_DAYS * len(wanted):
            found[name] = until
    return found


def _shared(usable: pd.DataFrame, controls: tuple[str, ...], later: Mapping[str, pd.Timestamp]) -> pd.Series:
    """Days on which every control can be compared; a later region only until its launch, and one control at least."""
    shared = usable[list(controls)].all(axis=1)
    for name, until in later.items():
        shared &= usable[name] | (usable.index >= until)
    if not controls:
        shared &= usable.index < max(later.values())
    return shared


def _left_out(immature: pd.Series, empty: pd.Series, window: Window) -> tuple[str, ...]:
    young = int((immature & _inside(immature.index, window)).sum())
    without = int((empty & _inside(empty.index, window)).sum())
    told = []
    if young:
        told.append(f"{young} {'day is' if young == 1 else 'days are'} too young to judge and left out")
    if without:
        told.append(f"{without} {'day has' if without == 1 else 'days have'} no order at all and left out")
    return tuple(told)
