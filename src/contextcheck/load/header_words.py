"""Words that exports use for the canonical columns and statuses; only ever a proposal that somebody reads.

Header names as public importers of shop, payment and booking exports read them (Shopify, WooCommerce, BigCommerce,
Etsy, Amazon order reports, Stripe, Rakuten RMS) and the plain words of the larger markets.
"""

from __future__ import annotations

HEADERS: dict[str, str] = {
    "order_id": "order id, order number, order no, order, order ref, order reference, increment id, amazon order id, "
    "invoice, invoice no, invoice number, transaction id, subscription id, booking id, reservation id, booking number, "
    "bestellnummer, auftragsnummer, numero de commande, n° de commande, numero de pedido, pedido, numero ordine, "
    "注文番号, 주문번호, 订单号, 订单编号, 訂單編號",
    "region": "region, market, country, country code, shipping country, ship country, delivery country, "
    "customer country, store country, billing country, land, lieferland, pays, pais, país, paese, 国, 国家, 國家, 국가",
    "created_at": "created at, created, created date, created (utc), order date, order time, ordered at, placed at, "
    "purchase date, sale date, date, datetime, timestamp, start date, booking date, booked at, datum, bestelldatum, "
    "date de commande, fecha, fecha de pedido, data, 注文日時, 注文日, 주문일시, 주문일, 下单时间, 訂單日期",
    "status": "status, order status, order state, state, bestellstatus, statut, estado, stato, ステータス, 주문상태, "
    "订单状态, 訂單狀態",
    "customer_id": "customer id, customer, customer no, customer number, user id, user, buyer id, buyer, account id, "
    "client id, member id, guest id, kundennummer, customer email, email, e-mail, buyer email, kundenemail, user email",
    "currency": "currency, currency code, order currency, währung, waehrung, devise, moneda, valuta, 通貨, 통화, 币种",
    "order_total": "order total, total, grand total, order amount, total amount, amount, order value, gross, revenue, "
    "gmv, gesamtbetrag, bestellwert, montant, montant total, importe, total pedido, mrr amount, 合計金額, 합계, "
    "결제금액, 订单金额, 訂單金額",
    "retained_total": "retained total, kept total, net kept, final total",
    "cancelled_at": "cancelled at, canceled at, cancelled date, canceled date, cancel date, cancellation date, "
    "storniert am, 취소일시, 取消时间",
    "modified_at": "modified at, changed at, basket changed at",
    "returned_at": "returned at, return date, returned date, retourniert am",
    "refund_total": "refund total, refunded amount, amount refunded, refund amount, total refunded, refunds",
    "items": "items, item count, quantity, qty, units, pieces, lineitem quantity, menge, anzahl, quantité, cantidad, "
    "個数, 수량, 数量",
    "kept_items": "kept items, items kept, kept quantity, quantity kept, net quantity",
    "discount_total": "discount total, discount amount, discount, discounts, rabatt, remise, descuento",
    "coupon": "coupon, coupon code, discount code, voucher, voucher code, promo code, promotion ids, gutschein",
    "shipping_fee": "shipping fee, shipping, shipping amount, shipping price, delivery fee, versandkosten, "
    "frais de port, gastos de envío, 送料, 배송비, 运费",
    "shipping_cost": "shipping cost, carrier cost, freight cost, label cost",
    "margin": "margin, gross margin, gross profit, contribution",
    "payment_method": "payment method, payment type, payment gateway, zahlungsart, moyen de paiement, metodo de pago, "
    "支払方法, 결제수단, 支付方式",
    "payment_fee": "payment fee, transaction fee, fee, processing fee",
    "device_id": "device id, device fingerprint, fingerprint, device hash",
    "address_id": "address id, address hash, shipping address id, delivery address id",
    "payment_id": "payment id, card id, card fingerprint, card hash, instrument id, payment token",
    "account_created_at": "account created at, customer since, signup date, sign up date, registered at, member since",
    "channel": "channel, sales channel, order channel, source, platform, device type, distribution channel, 渠道",
    "category": "category, product category, department, product type, kategorie, 카테고리, 类目",
    "product_id": "product id, sku, product sku, product, asin, item id, stock code, article, artikelnummer, "
    "商品管理番号",
    "touchpoint": "touchpoint, landing page, entry point",
    "feature_exposed": "feature exposed, exposed, treatment, in treatment",
    "chargeback_at": "chargeback at, dispute date, disputed at, chargeback date",
    "chargeback_total": "chargeback total, disputed amount, chargeback amount",
    "cancel_reason": "cancel reason, cancellation reason, cancelled reason, reason code, stornogrund, "
    "취소사유, 取消原因",
}
"""Canonical column to the words that stand for it, the surest first."""

STATUS_WORDS: dict[str, str] = {
    "pending": "pending, new, open, created, authorized, authorised, in progress, processing, on hold, neu, offen",
    "awaiting_payment": "awaiting payment, pending payment, unpaid, partially paid, payment pending, 입금대기",
    "paid": "paid, completed payment, confirmed, accepted, bezahlt, payé, 결제완료",
    "shipped": "shipped, fulfilled, partially shipped, dispatched, sent, versendet, 배송중",
    "delivered": "delivered, completed, complete, closed, check-out, checked out, geliefert, abgeschlossen, "
    "배송완료, 구매확정",
    "cancelled": "cancelled, canceled, cancelled by customer, voided, void, storniert, annulé, annulée, cancelado, "
    "취소, 취소완료, キャンセル, 已取消",
    "partially_cancelled": "partially cancelled, partially canceled, partial cancel, teilstorniert",
    "changed": "changed, edited, modified",
    "returned": "returned, refunded, return completed, retourniert, remboursé, devuelto, 반품, 반품완료, 返品",
    "partially_returned": "partially returned, partially refunded, partial refund",
    "expired_unpaid": "expired, expired unpaid, payment expired, timed out",
    "refused": "refused, undelivered, delivery refused, rejected at door, unclaimed, not collected",
    "refunded_no_return": "refunded without return, returnless refund",
    "chargeback": "chargeback, disputed, dispute lost",
}
"""Canonical status to the words that stand for it."""
