"""Twelve invented shop markets: how much is sold, in what money, how it is paid and how often it comes back.

Every figure is a round, plausible starting value for a made-up shop; none is a statement about a country.
"""

from __future__ import annotations

from dataclasses import dataclass

WORKDAYS_QUIET = (0.97, 0.98, 0.98, 1.0, 1.02, 1.02, 1.03)
WEEKEND_STRONG = (0.94, 0.93, 0.94, 0.96, 1.0, 1.1, 1.13)
MONDAY_STRONG = (1.12, 1.05, 1.02, 1.0, 0.95, 0.9, 0.96)
SUNDAY_STRONG = (1.02, 0.96, 0.95, 0.95, 0.93, 0.97, 1.22)


@dataclass(frozen=True, slots=True)
class Payment:
    """One way to pay in a market.

    Attributes:
        name: As it stands in the orders.
        share: Share of the market's orders, 0 to 1.
        unpaid_share: Orders that are never paid and expire, 0 to 1.
        refused_share: Parcels refused at the door, 0 to 1.
        hours_to_pay: Typical hours from order to payment; 0 when paid at once.
        expiry_hours: Hours until an unpaid order expires.
    """

    name: str
    share: float
    unpaid_share: float = 0.0
    refused_share: float = 0.0
    hours_to_pay: float = 0.0
    expiry_hours: float = 72.0

    @property
    def is_card(self) -> bool:
        return self.name in {"card", "credit_card", "debit_card"}


@dataclass(frozen=True, slots=True)
class Market:
    """One market of the shop; amounts in its own currency.

    Attributes:
        code: ISO 3166-1 alpha-2.
        zone: IANA zone in which its days are counted.
        volume_share: Share of the shop's orders, 0 to 1.
        currency: ISO 4217.
        usd_rate: One unit of the currency in US dollars.
        price_unit: Smallest price step.
        round_price: Prices heap at multiples of this and one unit below.
        basket_median: Median basket before any promotion.
        basket_spread: Standard deviation of the log of baskets.
        free_line: Baskets from here on ship free.
        fee: Delivery fee below the line.
        parcel_cost: What one parcel costs the shop.
        cancel_rate: Share cancelled as a whole or in part on a usual day.
        return_rate: Share that comes back after delivery.
        delivery_days: Typical days from order to delivery.
        weekday_shape: Volume per weekday, Monday first.
        season_peak_day: Day of the year on which the yearly season is highest.
        payments: Ways to pay; shares add up to 1.
    """

    code: str
    zone: str
    volume_share: float
    currency: str
    usd_rate: float
    price_unit: float
    round_price: float
    basket_median: float
    basket_spread: float
    free_line: float
    fee: float
    parcel_cost: float
    cancel_rate: float
    return_rate: float
    delivery_days: float
    weekday_shape: tuple[float, ...]
    season_peak_day: int
    payments: tuple[Payment, ...]


MARKETS: tuple[Market, ...] = (
    Market(
        "KR",
        "Asia/Seoul",
        0.17,
        "KRW",
        0.00072,
        100,
        1000,
        27_500,
        0.56,
        50_000,
        3_000,
        3_200,
        0.060,
        0.035,
        2.0,
        MONDAY_STRONG,
        330,
        (Payment("card", 0.58), Payment("wallet", 0.30), Payment("virtual_account", 0.12, 0.07, 0, 9, 72)),
    ),
    Market(
        "JP",
        "Asia/Tokyo",
        0.14,
        "JPY",
        0.0066,
        10,
        100,
        3_050,
        0.60,
        3_980,
        550,
        540,
        0.035,
        0.020,
        2.5,
        SUNDAY_STRONG,
        345,
        (
            Payment("card", 0.62),
            Payment("konbini", 0.18, 0.09, 0, 26, 72),
            Payment("cod", 0.08, 0, 0.015),
            Payment("wallet", 0.12),
        ),
    ),
    Market(
        "TW",
        "Asia/Taipei",
        0.06,
        "TWD",
        0.031,
        1,
        10,
        780,
        0.60,
        990,
        65,
        68,
        0.050,
        0.030,
        3.0,
        SUNDAY_STRONG,
        315,
        (Payment("card", 0.50), Payment("store_pickup_cod", 0.38, 0, 0.055), Payment("wallet", 0.12)),
    ),
    Market(
        "DE",
        "Europe/Berlin",
        0.12,
        "EUR",
        1.08,
        0.01,
        1,
        42,
        0.62,
        49,
        4.95,
        4.60,
        0.050,
        0.200,
        2.5,
        MONDAY_STRONG,
        335,
        (
            Payment("invoice", 0.34),
            Payment("wallet", 0.36),
            Payment("direct_debit", 0.14),
            Payment("card", 0.16),
        ),
    ),
    Market(
        "FR",
        "Europe/Paris",
        0.09,
        "EUR",
        1.08,
        0.01,
        1,
        40,
        0.62,
        49,
        4.90,
        4.80,
        0.050,
        0.110,
        3.0,
        WEEKEND_STRONG,
        340,
        (Payment("card", 0.76), Payment("wallet", 0.20), Payment("bank_transfer", 0.04, 0.06, 0, 20, 120)),
    ),
    Market(
        "GB",
        "Europe/London",
        0.10,
        "GBP",
        1.27,
        0.01,
        1,
        36,
        0.62,
        40,
        3.95,
        3.70,
        0.045,
        0.130,
        2.5,
        MONDAY_STRONG,
        332,
        (Payment("card", 0.68), Payment("wallet", 0.24), Payment("pay_later", 0.08)),
    ),
    Market(
        "US",
        "America/New_York",
        0.13,
        "USD",
        1.0,
        0.01,
        1,
        45,
        0.66,
        50,
        5.99,
        6.20,
        0.050,
        0.100,
        4.0,
        MONDAY_STRONG,
        335,
        (Payment("card", 0.72), Payment("wallet", 0.22), Payment("pay_later", 0.06)),
    ),
    Market(
        "BR",
        "America/Sao_Paulo",
        0.07,
        "BRL",
        0.18,
        0.01,
        10,
        150,
        0.62,
        199,
        19.9,
        20.5,
        0.060,
        0.050,
        6.0,
        MONDAY_STRONG,
        330,
        (
            Payment("pix", 0.42, 0.05, 0, 0.2, 1),
            Payment("card", 0.44),
            Payment("boleto", 0.14, 0.30, 0, 30, 96),
        ),
    ),
    Market(
        "IN",
        "Asia/Kolkata",
        0.05,
        "INR",
        0.0118,
        1,
        50,
        900,
        0.60,
        999,
        79,
        74,
        0.070,
        0.080,
        5.0,
        SUNDAY_STRONG,
        290,
        (Payment("cod", 0.52, 0, 0.16), Payment("upi", 0.34, 0.02, 0, 0.2, 1), Payment("card", 0.14)),
    ),
    Market(
        "AU",
        "Australia/Sydney",
        0.03,
        "AUD",
        0.65,
        0.05,
        1,
        70,
        0.60,
        79,
        9.95,
        9.40,
        0.045,
        0.070,
        4.5,
        WORKDAYS_QUIET,
        338,
        (Payment("card", 0.62), Payment("wallet", 0.22), Payment("pay_later", 0.16)),
    ),
    Market(
        "MX",
        "America/Mexico_City",
        0.025,
        "MXN",
        0.055,
        1,
        10,
        600,
        0.60,
        799,
        99,
        94,
        0.060,
        0.050,
        5.0,
        WORKDAYS_QUIET,
        325,
        (Payment("card", 0.64), Payment("cash_voucher", 0.22, 0.24, 0, 24, 72), Payment("wallet", 0.14)),
    ),
    Market(
        "NO",
        "Europe/Oslo",
        0.015,
        "NOK",
        0.095,
        1,
        10,
        520,
        0.58,
        599,
        59,
        61,
        0.040,
        0.090,
        3.5,
        WEEKEND_STRONG,
        336,
        (Payment("card", 0.52), Payment("wallet", 0.28), Payment("invoice", 0.20)),
    ),
)

COUPON_MINIMUM_SHARE = 0.6
"""Basket from which the welcome coupon holds, as a share of the free-shipping line."""
REFUND_LIMIT_SHARE = 0.75
"""Basket up to which a claim is paid back without questions, as a share of the free-shipping line."""

CODES: tuple[str, ...] = tuple(market.code for market in MARKETS)
INDEX_OF: dict[str, int] = {code: index for index, code in enumerate(CODES)}
PAYMENT_NAMES: tuple[str, ...] = tuple(sorted({payment.name for market in MARKETS for payment in market.payments}))
