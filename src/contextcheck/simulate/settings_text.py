"""The contextcheck.yaml of a simulated shop, with comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contextcheck.simulate.markets import MARKETS, Market

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from contextcheck.simulate.money import UnitCosts

ORDERS_FILE = "orders.parquet"
NOTHING_LAUNCHED = "# Nothing was launched in this time.\n"


def settings_text(
    headline: str, feature: str, regions: Sequence[str], start: date, rates_on: date, costs: UnitCosts
) -> str:
    """Give the settings of a world as commented YAML.

    Args:
        headline: First comment line.
        feature: What was launched.
        regions: Where; none when nothing was launched.
        start: Local day of the launch.
        rates_on: Day of the exchange rates.
        costs: Unit costs of the shop.
    """
    rates = "\n".join(
        f"  {market.currency}: {{rate: {market.usd_rate:g}, on: {rates_on}}}" for market in _one_per_currency()
    )
    lines = "\n".join(
        f"    {market.code}: {{amount: {market.free_line:g}, currency: {market.currency}}}" for market in MARKETS
    )
    return _TEMPLATE.format(
        headline=headline,
        orders=ORDERS_FILE,
        rates=rates,
        launches=_launch(feature, regions, start) if regions else NOTHING_LAUNCHED,
        lines=lines,
        costs=_costs(costs),
    )


def _one_per_currency() -> list[Market]:
    return list({market.currency: market for market in MARKETS if market.currency != "USD"}.values())


def _launch(feature: str, regions: Sequence[str], start: date) -> str:
    return f"launches:\n  - feature: {feature}\n    regions: [{', '.join(regions)}]\n    start: {start}\n"


def _costs(costs: UnitCosts) -> str:
    rows = (
        ("gross_margin", costs.gross_margin, "share of goods value"),
        ("payment_rate", costs.payment_rate, "share of the amount paid; not given back on refunds"),
        ("payment_fixed", costs.payment_fixed, "USD per paid order"),
        ("cancel_handling", costs.cancel_handling, "USD per order cancelled, partly cancelled or changed"),
        ("return_handling", costs.return_handling, "USD per returned parcel"),
        ("return_writedown", costs.return_writedown, "share of the returned value"),
        ("chargeback_fee", costs.chargeback_fee, "USD per dispute"),
        ("roll_back", costs.roll_back, "USD, once"),
        ("false_action_per_account", costs.false_action_per_account, "USD per good customer acted against"),
        ("account_review", costs.account_review, "USD per account looked at"),
    )
    return "\n".join(f"  {name}: {value:g}  # {unit}" for name, value, unit in rows)


_TEMPLATE = """\
# {headline}
# Simulated orders: an invented shop, no real customers.

orders:
  path: {orders}
  map: canonical
  timezone: UTC  # created_at and the other times are UTC

currency: USD  # reporting currency; orders are in local money
rates:
{rates}

{launches}
thresholds:
  free_shipping:
{lines}

costs:  # the shop's own figures; shipping is in the orders
{costs}

decision:
  horizon_days: 90
  alpha: 0.05
"""
