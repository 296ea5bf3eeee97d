"""Plain orders for tests."""

from __future__ import annotations

from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures" / "load"
HEADER = "order_id,region,created_at,status,order_total,currency"


def order_lines(count: int, **changed: str) -> list[str]:
    """Plain good orders, one a line, two days apart markets in turn."""
    markets = ("NO", "NA", "KR", "DE")
    lines = []
    for number in range(1, count + 1):
        row = {
            "order_id": f"A{number}",
            "region": markets[number % 4],
            "created_at": f"2026-03-{number % 28 + 1:02d} 10:00:00",
            "status": "paid",
            "order_total": "20.50",
            "currency": "USD",
            **changed,
        }
        lines.append(",".join(row.values()))
    return lines
