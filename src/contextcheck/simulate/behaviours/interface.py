"""The promise of a behaviour: it changes a draft where and when it is at work, and leaves the rest alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from contextcheck.simulate.markets import INDEX_OF

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

FOR_GOOD = 10**6


class Behaviour(Protocol):
    """Something that goes on in one market between two days.

    Attributes:
        region: Market code.
        first_day: Place of its first day in the calendar.
        last_day: Place of its last day, included; `FOR_GOOD` when it does not end.
    """

    @property
    def region(self) -> str: ...

    @property
    def first_day(self) -> int: ...

    @property
    def last_day(self) -> int: ...

    def act(self, draft: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Give a changed copy of a draft.

        Args:
            draft: See `contextcheck.simulate.draft`; its rows keep their `row`, added rows have -1.
            rng: Random numbers of this behaviour alone.
        """
        ...


def at_work(draft: pd.DataFrame, behaviour: Behaviour) -> NDArray[np.bool_]:
    """Orders placed where and while a behaviour is at work."""
    here = draft["region_index"] == INDEX_OF[behaviour.region]
    return (here & draft["day"].between(behaviour.first_day, behaviour.last_day)).to_numpy(copy=True)
