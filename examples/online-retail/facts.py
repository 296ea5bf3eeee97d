"""Recount, with pandas alone, every number that the README beside this file quotes.

python examples/online-retail/facts.py
"""

from pathlib import Path

import pandas as pd
from scipy.stats import false_discovery_control, fisher_exact

NOT_GOODS = {"AMAZONFEE", "M", "POST", "CRUK", "BANK CHARGES", "D", "S", "DOT", "C2", "B", "PADS"}
FEWEST_INVOICES = 20


def lines() -> pd.DataFrame:
    """Every invoice line with its month, value and whether it is part of a reversal."""
    table = pd.read_parquet(Path(__file__).parent / "online_retail.parquet")
    return table.assign(
        value=table["Quantity"] * table["UnitPrice"],
        month=table["InvoiceDate"].dt.to_period("M").astype(str),
        is_reversal=table["InvoiceNo"].str.startswith("C"),
    )


def facts() -> dict[str, object]:
    """The quoted numbers by name."""
    table = lines()
    by_invoice = table.groupby("InvoiceNo")
    invoices = by_invoice[["Country", "month", "is_reversal"]].first().rename(columns={"Country": "country"})
    invoices["rows"] = by_invoice.size()
    reversals = table[table["is_reversal"]]
    by_customer = reversals.groupby("CustomerID")["value"].sum().sort_values()
    goods = reversals[~reversals["StockCode"].isin(NOT_GOODS)]
    largest = invoices[invoices["is_reversal"]]["rows"].idxmax()
    return {
        "lines": len(table),
        "invoices": len(invoices),
        "reversal_invoices": int(invoices["is_reversal"].sum()),
        "reversal_share": round(float(invoices["is_reversal"].mean()), 4),
        "reversed_value": round(float(reversals["value"].sum())),
        "reversed_value_not_goods": round(float(reversals["value"].sum() - goods["value"].sum())),
        "largest_reversal": largest,
        "largest_reversal_lines": int(invoices.loc[largest, "rows"]),
        "largest_reversal_country": invoices.loc[largest, "country"],
        "usa_invoices": int((invoices["country"] == "USA").sum()),
        "usa_reversals": int(((invoices["country"] == "USA") & invoices["is_reversal"]).sum()),
        "identified_reversed_value": round(float(by_customer.sum())),
        "top_two_customers": [int(customer) for customer in by_customer.index[:2]],
        "top_two_share": round(float(by_customer.iloc[:2].sum() / by_customer.sum()), 3),
        "customer_12346": pair(table, "541431", "C541433"),
        "customer_16446": pair(table, "581483", "C581484"),
        "lines_without_customer": int(table["CustomerID"].isna().sum()),
        "first_invoice": str(table["InvoiceDate"].min()),
        "last_invoice": str(table["InvoiceDate"].max()),
        "country_labels": table["Country"].nunique(),
        "saturday_lines": int((table["InvoiceDate"].dt.day_of_week == 5).sum()),
        "goods_reversed_by_month": goods.groupby("month")["value"].sum().round(-2).astype(int).to_dict(),
        "country_months": country_months(invoices),
    }


def pair(table: pd.DataFrame, sale: str, reversal: str) -> dict[str, float]:
    """Pieces bought, pieces reversed and minutes between two invoices."""
    bought, reversed_ = table[table["InvoiceNo"] == sale], table[table["InvoiceNo"] == reversal]
    minutes = (reversed_["InvoiceDate"].min() - bought["InvoiceDate"].min()).total_seconds() / 60
    return {"bought": int(bought["Quantity"].sum()), "reversed": int(-reversed_["Quantity"].sum()), "minutes": minutes}


def country_months(invoices: pd.DataFrame) -> list[str]:
    """Country-months whose reversal share differs from the rest of the same country (Fisher, 5 % false discoveries)."""
    cells = invoices.groupby(["country", "month"])["is_reversal"].agg(["sum", "size"])
    cells = cells[cells["size"] >= FEWEST_INVOICES]
    whole = invoices.groupby("country")["is_reversal"].agg(["sum", "size"])
    found = []
    for (country, month), cell in cells.iterrows():
        rest = whole.loc[country] - cell
        if rest["size"] > 0:
            table = [[cell["sum"], cell["size"] - cell["sum"]], [rest["sum"], rest["size"] - rest["sum"]]]
            direction = "up" if cell["sum"] / cell["size"] > rest["sum"] / rest["size"] else "down"
            found.append((f"{country} {month} {direction}", fisher_exact(table).pvalue))
    adjusted = false_discovery_control([p_value for _, p_value in found])
    return [
        f"{len(found)} tested",
        *(name for (name, _), q_value in zip(found, adjusted, strict=True) if q_value < 0.05),
    ]


if __name__ == "__main__":
    for name, value in facts().items():
        print(f"{name}: {value}")
