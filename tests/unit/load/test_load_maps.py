"""Column maps on real lines of their formats; the expected sums were worked out with csv.DictReader alone."""

from __future__ import annotations

import pytest
from unit.load.order_samples import FIXTURES

from contextcheck.load.columnmaps import shipped_maps
from contextcheck.load.mapfit import fit

SHOPIFY_OWN_MAP = """
id: own-shopify
title: our shop
grain: line_item
key: Name
columns:
  order_id: Name
  region: {constant: US}
  created_at: Created at
  customer_id: {from: Email, digest: true}
  currency: Currency
  order_total: Total
  refund_total: Refunded Amount
  items: {from: Lineitem quantity, take: sum}
status: {from: Financial Status, words: {paid: paid}}
"""


def test_every_shipped_map_can_be_read_and_has_its_own_id():
    ids = [column_map.id for column_map in shipped_maps()]
    assert {"canonical", "online_retail", "hotel_bookings", "shopify", "woocommerce"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_real_online_retail_lines_become_invoices(load):
    loaded = load(FIXTURES / "online_retail.cr-latin1.csv")
    orders = loaded.orders
    frame = orders.table.execute().set_index("order_id")
    # 190 lines, 7 left out (4 stock corrections, 2 AMAZONFEE, 1 bad debt): 44 invoices, 17 of them C...
    assert orders.rows == 44
    assert (frame.status == "cancelled").sum() == 17
    assert frame.retained_total.sum() == pytest.approx(3168.61)
    assert frame.shipping_fee.sum() == pytest.approx(203.0)
    # 536365: 6 x 2.55 + 6 x 3.39 + 8 x 2.75 + 6 x 3.39 + 6 x 3.39 + 2 x 7.65 + 6 x 4.25 = 139.12, 40 items
    first = frame.loc["536365"]
    assert (first.order_total, first["items"]) == (pytest.approx(139.12), 40)
    assert f"{first.created_at:%Y-%m-%d %H:%M}" == "2010-12-01 08:26"
    assert frame[frame.status == "cancelled"].order_total.isna().all()
    assert orders.region_words["IE"] == ("EIRE",)
    assert orders.region_words["Unspecified"] == ("Unspecified",)
    assert (orders.currency, orders.clock) == ("GBP", "Europe/London")
    assert "left out: 2 rows, fees, donations and samples (AMAZONFEE, BANK CHARGES, CRUK, B, S)" in loaded.notes


def test_real_hotel_lines_become_bookings(load):
    loaded = load(FIXTURES / "hotel_bookings.ddmmyyyy.csv", currency="EUR")
    orders = loaded.orders
    frame = orders.table.execute()
    # 184 lines: 4 without a country and one with a negative rate are set aside; of the
    # 64 Canceled and 5 No-Show, 3 have no country
    assert orders.rows == 179
    assert (frame.status == "cancelled").sum() == 66
    assert frame.cancelled_at.notna().sum() == 66
    # the first line: arrival 1 July 2015, booked 342 days before
    first = frame[frame.order_id == "1"].iloc[0]
    assert f"{first.created_at:%Y-%m-%d}" == "2014-07-24"
    assert orders.region_words["CN (as in the source)"] == ("CN",)
    assert orders.region_words["TL"] == ("TMP",)
    assert orders.region_words["PT"] == ("PRT",)
    assert "CN" not in orders.region_words
    assert orders.clock == "local"


def test_the_shopify_sample_lacks_a_market(load):
    from contextcheck.errors import InputError

    with pytest.raises(InputError) as caught:
        load(FIXTURES / "shopify_orders_sample.csv")
    assert 'no column "Shipping Country" for the required region' in str(caught.value)


def test_a_teams_own_map_reads_shopify_lines_as_orders(load, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(SHOPIFY_OWN_MAP)
    orders = load(FIXTURES / "shopify_orders_sample.csv", orders__map=f'"{own}"').orders
    frame = orders.table.execute()
    # 127 orders on 249 lines, refunds of 423.75 in all (as published with the sample)
    assert orders.rows == 127
    assert frame.refund_total.sum() == pytest.approx(423.75)
    # 17:41 at -0500 is 22:41 UTC
    first = frame[frame.order_id == "#1001"].iloc[0]
    assert f"{first.created_at:%Y-%m-%d %H:%M}" == "2025-01-15 22:41"
    assert first["items"] == 3
    assert not frame.customer_id.str.contains("@").any()


def test_shopify_statuses_with_a_full_header(load, write):
    header = "Name,Email,Created at,Total,Currency,Financial Status,Fulfillment Status,Cancelled at,Shipping Country"
    lines = [
        "#1,a@x.example,2026-05-14 11:23:45 +0100,10,GBP,paid,fulfilled,,GB",
        "#2,b@x.example,2026-05-14 11:23:45 +0100,10,GBP,refunded,,2026-05-14 12:00:00 +0100,NO",
        "#3,c@x.example,2026-05-14 11:23:45 +0100,10,GBP,partially_refunded,fulfilled,,DE",
        "#3,,,,,,,,",
    ]
    orders = load(write(lines, header=header)).orders
    frame = orders.table.execute().set_index("order_id")
    assert frame.status.to_dict() == {"#1": "shipped", "#2": "cancelled", "#3": "partially_returned"}
    assert f"{frame.loc['#2'].cancelled_at:%H:%M}" == "11:00"


def test_woocommerce_orders(load, write):
    header = "order_id,order_date,order_status,customer_id,billing_country,order_total,order_currency,payment_method"
    lines = ["7,2026-03-01 10:00:00,Completed,5,NO,10,NOK,card", "8,2026-03-01 11:00:00,wc-failed,6,SE,11,NOK,card"]
    frame = load(write(lines, header=header)).orders.table.order_by("order_id").execute()
    assert frame.status.tolist() == ["delivered", "expired_unpaid"]
    assert frame.region.tolist() == ["NO", "SE"]


def test_headers_are_compared_without_case(load, write):
    from unit.load.order_samples import HEADER, order_lines

    assert load(write(order_lines(3), header=HEADER.upper())).orders.rows == 3


def test_a_fit_names_what_it_does_not_know():
    canonical = next(column_map for column_map in shipped_maps() if column_map.id == "canonical")
    found = fit(canonical, ["order_id", "region", "created_at", "status", "basket_colour"])
    assert found.unmapped == ("basket_colour",)
    assert not found.missing
    assert found.known == 4
