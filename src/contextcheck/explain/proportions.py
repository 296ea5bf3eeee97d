"""Shares and their differences with intervals that hold for few customers and for shares near 0 and 1."""

from __future__ import annotations

from math import sqrt

from scipy.special import betaincinv, ndtr, ndtri

from contextcheck.records import Estimate

Z95 = float(ndtri(0.975))


def wilson(share: float, n: float, z: float = Z95) -> Estimate:
    """Give a share with its 95 % score interval.

    Args:
        share: 0 to 1.
        n: Independent decisions behind it; need not be whole (customers, not orders).
        z: Normal quantile of the interval.

    Returns:
        The share and the interval; 0 to 1 without any decision.

    Method: bounds p with (share - p)^2 = z^2 p (1 - p) / n.
    Source: Wilson (1927), Journal of the American Statistical Association 22.
    Blind spots: for n under about 5 it covers more than it says.

    Example:
        >>> round(wilson(0.9, 10).low, 4)
        0.5958
    """
    if not n > 0:
        return Estimate(share, 0.0, 1.0)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    margin = z / (1 + z * z / n) * sqrt(max(share * (1 - share), 0.0) / n + z * z / (4 * n * n))
    return Estimate(share, min(max(0.0, middle - margin), share), max(min(1.0, middle + margin), share))


def exact(share: float, n: float) -> Estimate:
    """Give a share with its exact 95 % interval, for few events: it never covers less than it says.

    Args:
        share: 0 to 1.
        n: Independent decisions behind it; need not be whole.

    Returns:
        The share and the interval; 0 to 1 without any decision.

    Method: quantiles of beta distributions, 0.025 of Beta(x, n - x + 1) and 0.975 of Beta(x + 1, n - x), x = share n.
    Source: Clopper and Pearson (1934), Biometrika 26.
    Blind spots: wider than needed, about 97.5 % for shares of a few per cent.

    Example:
        >>> found = exact(0.1, 100)
        >>> round(found.low, 4), round(found.high, 4)
        (0.049, 0.1762)
    """
    if not n > 0:
        return Estimate(share, 0.0, 1.0)
    events = share * n
    low = float(betaincinv(events, n - events + 1, 0.025)) if events > 0 else 0.0
    high = float(betaincinv(events + 1, n - events, 0.975)) if events < n else 1.0
    return Estimate(share, low, high)


def difference(first: float, n1: float, second: float, n2: float) -> Estimate:
    """Give first - second with its 95 % interval.

    Args:
        first: A share, 0 to 1.
        n1: Independent decisions behind it.
        second: Another share.
        n2: Those behind it.

    Returns:
        The difference and its interval.

    Method: Wilson bounds of each share, joined by squares (hybrid score, method 10).
    Source: Newcombe (1998), Interval estimation for the difference between independent proportions, Statistics in
        Medicine 17.
    Blind spots: the two shares count as independent; customers in both periods make the interval a little too wide.

    Example:
        >>> found = difference(56 / 70, 70, 48 / 80, 80)
        >>> round(found.low, 4), round(found.high, 4)
        (0.0524, 0.3339)
    """
    one, two = wilson(first, n1), wilson(second, n2)
    value = first - second
    low = value - sqrt((first - one.low) ** 2 + (two.high - second) ** 2)
    high = value + sqrt((one.high - first) ** 2 + (second - two.low) ** 2)
    return Estimate(value, low, high)


def p_higher(first: float, n1: float, second: float, n2: float) -> float:
    """One-sided p-value of "first is not above second", by the pooled score test (Pearson 1900 without correction)."""
    if not (n1 > 0 and n2 > 0):
        return 1.0
    pooled = (first * n1 + second * n2) / (n1 + n2)
    error = sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return float(ndtr(-(first - second) / error)) if error > 0 else 1.0


def p_share_above(share: float, n: float, bound: float) -> float:
    """One-sided p-value of "the share is not above the bound", by the score test."""
    if not (n > 0 and 0 < bound < 1):
        return 0.0 if share > bound else 1.0
    return float(ndtr(-(share - bound) / sqrt(bound * (1 - bound) / n)))
