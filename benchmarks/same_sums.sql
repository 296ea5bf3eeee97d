-- The sums of the panel's metrics per region and UTC day, as one writes them by hand for DuckDB.
SELECT
    region,
    date_trunc('day', created_at) AS day,
    count(*) AS orders,
    count(order_total), sum(order_total), sum(order_total * order_total),
    count(items), sum(items), sum(items * items),
    count(*) FILTER (WHERE discount_total > 0 OR coupon <> '') AS discounted,
    count(*) FILTER (WHERE status IN ('cancelled', 'partially_cancelled')
        AND coalesce(cancelled_at, modified_at) <= created_at + INTERVAL 7 DAY) AS cancelled,
    count(*) FILTER (WHERE status IN ('cancelled', 'partially_cancelled')
        AND cancelled_at <= created_at + INTERVAL 24 HOUR) AS cancelled_rapidly,
    count(*) FILTER (WHERE status IN ('changed', 'partially_cancelled')
        AND coalesce(modified_at, cancelled_at) <= created_at + INTERVAL 7 DAY) AS modified,
    count(*) FILTER (WHERE status IN ('returned', 'partially_returned', 'refunded_no_return')
        AND (returned_at IS NULL OR returned_at <= created_at + INTERVAL 14 DAY)) AS returned,
    count(refund_total) FILTER (WHERE order_total > 0),
    sum(refund_total / order_total) FILTER (WHERE order_total > 0),
    sum((refund_total / order_total) ** 2) FILTER (WHERE order_total > 0),
    count(*) FILTER (WHERE order_total > 0),
    count(*) FILTER (WHERE status = 'expired_unpaid') AS unpaid,
    count(*) FILTER (WHERE status = 'refused') AS refused,
    count(*) FILTER (WHERE (status = 'chargeback' OR chargeback_at IS NOT NULL)
        AND (chargeback_at IS NULL OR chargeback_at <= created_at + INTERVAL 60 DAY)) AS disputed,
    count(order_total) FILTER (WHERE status <> 'expired_unpaid'),
    sum(order_total) FILTER (WHERE status <> 'expired_unpaid') AS placed_value,
    sum(order_total * order_total) FILTER (WHERE status <> 'expired_unpaid'),
    count(retained_total) FILTER (WHERE status <> 'expired_unpaid'),
    sum(retained_total) FILTER (WHERE status <> 'expired_unpaid') AS kept_value,
    sum(retained_total * retained_total) FILTER (WHERE status <> 'expired_unpaid'),
    count(shipping_fee) FILTER (WHERE status NOT IN ('cancelled', 'expired_unpaid', 'refused')),
    sum(shipping_fee) FILTER (WHERE status NOT IN ('cancelled', 'expired_unpaid', 'refused')) AS shipping_fee,
    sum(shipping_fee * shipping_fee) FILTER (WHERE status NOT IN ('cancelled', 'expired_unpaid', 'refused')),
    count(discount_total) FILTER (WHERE status NOT IN ('cancelled', 'expired_unpaid', 'refused')),
    sum(discount_total) FILTER (WHERE status NOT IN ('cancelled', 'expired_unpaid', 'refused')) AS discount_value,
    sum(discount_total * discount_total) FILTER (WHERE status NOT IN ('cancelled', 'expired_unpaid', 'refused')),
    count(shipping_cost) FILTER (WHERE status NOT IN ('cancelled', 'expired_unpaid')),
    sum(shipping_cost) FILTER (WHERE status NOT IN ('cancelled', 'expired_unpaid')) AS shipping_cost,
    sum(shipping_cost * shipping_cost) FILTER (WHERE status NOT IN ('cancelled', 'expired_unpaid')),
    count(refund_total), sum(refund_total) AS refund_value, sum(refund_total * refund_total),
    count(margin) FILTER (WHERE status <> 'expired_unpaid'),
    sum(margin * retained_total / order_total) FILTER (WHERE status <> 'expired_unpaid') AS margin_value,
    sum((margin * retained_total / order_total) ** 2) FILTER (WHERE status <> 'expired_unpaid'),
    count(order_total - retained_total) FILTER (WHERE status IN ('returned', 'partially_returned')
        AND returned_at <= created_at + INTERVAL 14 DAY),
    sum(order_total - retained_total) FILTER (WHERE status IN ('returned', 'partially_returned')
        AND returned_at <= created_at + INTERVAL 14 DAY) AS returned_value,
    sum((order_total - retained_total) ** 2) FILTER (WHERE status IN ('returned', 'partially_returned')
        AND returned_at <= created_at + INTERVAL 14 DAY),
    count(*) FILTER (WHERE status NOT IN ('pending', 'awaiting_payment', 'expired_unpaid', 'refused')) AS paid,
    count(*) FILTER (WHERE status IN ('cancelled', 'partially_cancelled', 'changed')
        AND coalesce(cancelled_at, modified_at) <= created_at + INTERVAL 7 DAY) AS cancelled_or_changed,
    count(*) FILTER (WHERE status IN ('returned', 'partially_returned')
        AND (returned_at IS NULL OR returned_at <= created_at + INTERVAL 14 DAY)) AS parcels_returned,
    count(*) FILTER (WHERE status NOT IN ('pending', 'awaiting_payment', 'expired_unpaid', 'cancelled')) AS sent,
    count(*) FILTER (WHERE order_total >= 60 AND retained_total > 0 AND retained_total < 60
        AND status NOT IN ('cancelled', 'expired_unpaid', 'refused') AND shipping_fee = 0) AS waived
FROM read_parquet($path)
GROUP BY region, day
