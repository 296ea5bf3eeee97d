"""Recount, with pandas alone, every number that the README beside this file quotes.

python examples/hotel-bookings/facts.py
"""

from pathlib import Path

import pandas as pd


def bookings() -> pd.DataFrame:
    """Every booking with the day it was made and the day it arrived or was to arrive."""
    table = pd.read_parquet(Path(__file__).parent / "hotel_bookings.parquet")
    month = pd.to_datetime(table["arrival_date_month"], format="%B").dt.month
    arrival = pd.to_datetime(
        {"year": table["arrival_date_year"], "month": month, "day": table["arrival_date_day_of_month"]}
    )
    return table.assign(arrival=arrival, booked=arrival - pd.to_timedelta(table["lead_time"], unit="D"))


def facts() -> dict[str, object]:
    """The quoted numbers by name."""
    table = bookings()
    cancelled = table[table["is_canceled"] == 1]
    from_home = table["country"] == "PRT"
    single = table[(table["market_segment"] != "Groups") & (table["deposit_type"] != "Non Refund")]
    no_refund = table[table["deposit_type"] == "Non Refund"]
    by_day = cancelled.groupby("reservation_status_date").size()
    worst = by_day.idxmax()
    that_day = cancelled[cancelled["reservation_status_date"] == worst]
    booked_day = table.groupby("booked").size()
    rate = single.groupby("country")["is_canceled"].mean().round(3)
    return {
        "bookings": len(table),
        "cancelled_share": round(float(table["is_canceled"].mean()), 4),
        "repeated_rows": int(table.drop(columns=["arrival", "booked"]).duplicated().sum()),
        "home_share_of_cancelled": round(float(from_home[table["is_canceled"] == 1].mean()), 3),
        "home_share_of_stays": round(float(from_home[table["is_canceled"] == 0].mean()), 3),
        "home_cancelled_share": round(float(table[from_home]["is_canceled"].mean()), 3),
        "no_refund_rows": len(no_refund),
        "no_refund_home_share": round(float((no_refund["country"] == "PRT").mean()), 3),
        "no_refund_cancelled_share": round(float(no_refund["is_canceled"].mean()), 3),
        "single_cancelled_share": {code: float(rate[code]) for code in ("PRT", "ITA", "ESP", "GBR", "FRA", "DEU")},
        "worst_day": worst,
        "worst_day_cancels": int(by_day.max()),
        "worst_day_agent_1": int((that_day["agent"] == 1).sum()),
        "worst_day_groups": int((that_day["market_segment"] == "Groups").sum()),
        "worst_day_last_arrival": str(that_day["arrival"].max().date()),
        "busiest_booking_day": str(booked_day.idxmax().date()),
        "busiest_booking_day_bookings": int(booked_day.max()),
        "busiest_booking_day_agents": table[table["booked"] == booked_day.idxmax()]["agent"]
        .value_counts()
        .head(2)
        .tolist(),
        "busiest_booking_day_cancelled": int(table[table["booked"] == booked_day.idxmax()]["is_canceled"].sum()),
        "cn_rows": int((table["country"] == "CN").sum()),
        "chn_rows": int((table["country"] == "CHN").sum()),
        "can_rows": int((table["country"] == "CAN").sum()),
        "france_august_2017": august_2017(table, "FRA"),
        "spain_august_2017": august_2017(table, "ESP"),
    }


def august_2017(table: pd.DataFrame, country: str) -> dict[str, float]:
    """Cancelled share of arrivals in August 2017 against the other months, and the most cancels on one day."""
    here = table[table["country"] == country]
    august = here[here["arrival"].dt.strftime("%Y-%m") == "2017-08"]
    rest = here.drop(august.index)
    on_one_day = august[august["is_canceled"] == 1].groupby("reservation_status_date").size().max()
    return {
        "bookings": len(august),
        "share": round(float(august["is_canceled"].mean()), 2),
        "other_months": round(float(rest["is_canceled"].mean()), 2),
        "most_on_one_day": int(on_one_day),
    }


if __name__ == "__main__":
    for name, value in facts().items():
        print(f"{name}: {value}")
