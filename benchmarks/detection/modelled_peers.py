"""Peers that fit a model to each series, from their own packages where there is one; day t is judged from days up to t.

STL and Prophet see the daily rate, as they are used; Farrington sees events with the orders as its population.
"""

from __future__ import annotations

import logging
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from retail import FIRST, WARM_UP
from scipy.stats import t as student

STL_DAYS = 84
PROPHET_REFIT_DAYS = 14
ESD_DAYS = 84
ESD_SHARE = 0.1
ESD_ALPHA = 0.05
R_SCRIPT = Path(__file__).with_name("surveillance.R")


def robust_spread(values: np.ndarray) -> float:
    """Median absolute deviation as a standard deviation, at least half the plain one.

    In small regions more than half of the days have no event; the median deviation is then next to nothing, and every
    event would be an anomaly.
    """
    spread = 1.4826 * float(np.median(np.abs(values - np.median(values))))
    return max(spread, float(values.std()) / 2, 1e-9)


def stl_residual(rate: np.ndarray, events: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """The newest residual of a robust STL (period 7) over the last 12 weeks, in robust standard deviations of them."""
    del events, volume
    from statsmodels.tsa.seasonal import STL

    score = np.zeros_like(rate)
    for row, day in np.ndindex(rate.shape):
        if day >= WARM_UP:
            past = rate[row, max(day - STL_DAYS + 1, 0) : day + 1]
            left = STL(past, period=7, robust=True).fit(inner_iter=1, outer_iter=5).resid
            score[row, day] = (left[-1] - np.median(left)) / robust_spread(left)
    return score


def s_h_esd(rate: np.ndarray, events: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Seasonal hybrid ESD over the last 12 weeks: test statistic of the newest day over its critical value.

    Vallis, Hochenbaum, Kejariwal 2014, "A novel technique for long-term anomaly detection in the cloud" (HotCloud): the
    periodic component of an STL and the median are taken off, then Rosner's generalised ESD runs with median and
    median absolute deviation, on up to a tenth of the days, upper side. Above 1 the newest day is an anomaly at 5 %.
    The weekly component is fitted anew every seventh day.
    """
    del events, volume
    from statsmodels.tsa.seasonal import STL

    limits = _esd_limits()
    score = np.zeros_like(rate)
    for row in range(rate.shape[0]):
        season = np.zeros(7)
        for day in range(max(WARM_UP, ESD_DAYS), rate.shape[1]):
            past = rate[row, day - ESD_DAYS + 1 : day + 1]
            weekday = np.arange(day - ESD_DAYS + 1, day + 1) % 7
            if day % 7 == 0:
                fit = STL(past, period=7, seasonal=10 * ESD_DAYS + 1, seasonal_deg=0, robust=True).fit()
                season[weekday[-7:]] = fit.seasonal[-7:]
            score[row, day] = _esd_of_last(past - season[weekday] - np.median(past), limits)
    return score


def _esd_limits() -> np.ndarray:
    """Rosner's critical values for the first, second … removed point, one-sided."""
    number = ESD_DAYS - np.arange(int(ESD_SHARE * ESD_DAYS))
    quantile = student.ppf(1 - ESD_ALPHA / number, number - 2)
    return (number - 1) * quantile / np.sqrt((number - 2 + quantile**2) * number)


def _esd_of_last(left: np.ndarray, limits: np.ndarray) -> float:
    """Statistic over critical value of the newest point when its turn comes, or after the last turn."""
    kept = np.ones(len(left), dtype=bool)
    ratio = 0.0
    for limit in limits:
        middle = np.median(left[kept])
        ratio = (left[-1] - middle) / robust_spread(left[kept]) / limit
        most = int(np.argmax(np.where(kept, left, -np.inf)))
        if most == len(left) - 1:
            break
        kept[most] = False
    return float(ratio)


HELPERS = (robust_spread, _esd_limits, _esd_of_last)


def prophet_residual(rate: np.ndarray, events: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Distance from Prophet's forecast in standard deviations of its residuals, refitted every 14 days."""
    del events, volume
    from prophet import Prophet

    # it says each fit, and sets its own level when it first does
    logging.getLogger("cmdstanpy").disabled = True
    days = pd.Series(pd.date_range(FIRST, periods=rate.shape[1], freq="D"))
    score = np.zeros_like(rate)
    for row in range(rate.shape[0]):
        for first in range(WARM_UP, rate.shape[1], PROPHET_REFIT_DAYS):
            until = min(first + PROPHET_REFIT_DAYS, rate.shape[1])
            model = Prophet(
                weekly_seasonality=True, yearly_seasonality=False, daily_seasonality=False, uncertainty_samples=0
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.fit(pd.DataFrame({"ds": days[:first], "y": rate[row, :first]}))
                expected = model.predict(pd.DataFrame({"ds": days[:until]}))["yhat"].to_numpy()
            spread = np.std(rate[row, :first] - expected[:first], ddof=1)
            score[row, first:until] = (rate[row, first:until] - expected[first:]) / max(spread, 1e-9)
    return score


def farrington_daily(rate: np.ndarray, events: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """`farringtonFlexible` of R surveillance on the events of a day with the orders as population offset.

    Eight weeks back with a gap of one, a factor per weekday, trend where it is significant, past outliers
    down-weighted. The score is -log10 of its p-value.
    """
    del rate
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / each for each in ("events.csv", "orders.csv", "found.csv")]
        for file, table in zip(files, (events, volume), strict=False):
            pd.DataFrame(table.T.astype(int), columns=[f"s{row}" for row in range(len(table))]).to_csv(
                file, index=False
            )
        subprocess.run(["Rscript", R_SCRIPT, files[0], str(WARM_UP + 6), "daily", files[2], files[1]], check=True)
        found = pd.read_csv(files[2])["score"].to_numpy(dtype=float).reshape(len(events), -1)
    score = np.zeros(events.shape)
    score[:, -found.shape[1] :] = np.nan_to_num(found, nan=0.0)
    return score
