"""Why a share is left open: the interval, or the number of candidates that were looked at."""

from __future__ import annotations

from contextcheck.explain.signs.outcome import leaves_open
from contextcheck.records import Estimate


def test_an_interval_beyond_what_was_wanted_is_not_said_to_leave_it_open():
    assert leaves_open(Estimate(0.5, 0.3, 0.7), 0.4) == "30 % to 70 % leaves open whether 40 % is met"
    told = leaves_open(Estimate(2.0, 1.39, 7.38), 0.4)
    assert told == "139 % to 738 %, which is not beyond chance among all that were looked at"
