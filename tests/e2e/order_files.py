"""Small orders files for the command line, as a team would export them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEADER = "order_id,region,created_at,status,order_total,currency"
FIRST_MOMENT = datetime(2026, 1, 5, 1)


def order_lines(
    count: int = 400,
    *,
    regions: Sequence[str] = ("KR", "NO", "NA", "DE"),
    first: int = 0,
    hours: float = 6,
    **changed: str,
) -> list[str]:
    """Good orders, one a line, one every few hours; every twentieth is cancelled."""
    lines = []
    for number in range(first, first + count):
        placed = FIRST_MOMENT + timedelta(hours=hours * (number - first))
        row = {
            "order_id": f"A{number}",
            "region": regions[number % len(regions)],
            "created_at": f"{placed:%Y-%m-%d %H:%M:%S}",
            "status": "cancelled" if number % 20 == 0 else "delivered",
            "order_total": "20.50",
            "currency": "USD",
            **changed,
        }
        lines.append(",".join(row.values()))
    return lines


def write_orders(folder: Path, lines: Sequence[str] | bytes, name: str = "orders.csv", header: str = HEADER) -> Path:
    """Write a CSV of the given lines, or bytes as they are."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lines if isinstance(lines, bytes) else "\n".join([header, *lines, ""]).encode())
    return path
