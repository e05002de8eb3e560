-- One row an attempt of a payment. `run.py ingest` fills it; so may a pipeline of your own.
-- {database} is replaced by the name of the database.
CREATE TABLE IF NOT EXISTS {database}.payments
(
    ts         DateTime64(3, 'UTC')    COMMENT 'when the attempt began',
    payment_id String                  COMMENT 'identity of the payment, the same for all its attempts',
    attempt_no UInt16 DEFAULT 1        COMMENT '1 for the first attempt',
    merchant   LowCardinality(String)  COMMENT 'who is paid',
    psp        LowCardinality(String)  COMMENT 'the route: gateway, acquirer, connector',
    method     LowCardinality(String)  COMMENT 'card, upi, netbanking, ...',
    network    LowCardinality(String)  COMMENT 'card network',
    issuer     LowCardinality(String)  COMMENT 'bank of the payer',
    country    LowCardinality(String)  COMMENT 'country of the issuer',
    amount     UInt64 DEFAULT 0        COMMENT 'minor units of the currency',
    currency   LowCardinality(String)  COMMENT 'ISO 4217',
    outcome    LowCardinality(String)  COMMENT 'success, failed or pending',
    code       LowCardinality(String)  COMMENT 'response code of a failure',
    latency_ms Float32 DEFAULT -1      COMMENT 'milliseconds, -1 where it is not known',
    key        UInt64 MATERIALIZED cityHash64(payment_id, attempt_no) COMMENT 'finds again what was loaded before'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY ts;

-- The same in cells of five seconds, which a tick reads. Rows of one key are added up when parts are merged, and in
-- every query until then.
CREATE TABLE IF NOT EXISTS {database}.payments_5s
(
    tick        DateTime('UTC'),
    merchant    LowCardinality(String),
    psp         LowCardinality(String),
    method      LowCardinality(String),
    network     LowCardinality(String),
    issuer      LowCardinality(String),
    country     LowCardinality(String),
    currency    LowCardinality(String),
    code        LowCardinality(String) COMMENT 'of failures, empty for the others',
    latency_bin Int16                  COMMENT 'bin of a histogram: 0 is below 10 ms, each edge is 1.2 times the last, -1 unknown',
    attempts    UInt64,
    successes   UInt64,
    pending     UInt64,
    payments    UInt64                 COMMENT 'first attempts',
    amount      UInt64
)
ENGINE = SummingMergeTree
PARTITION BY toMonday(tick)
ORDER BY (tick, psp, method, issuer, network, country, merchant, currency, code, latency_bin)
-- Adding up costs as much as all else in loading: small parts are merged, and large ones are left as they are.
SETTINGS max_bytes_to_merge_at_max_space_in_pool = 4194304, parts_to_delay_insert = 3000, parts_to_throw_insert = 6000;

CREATE MATERIALIZED VIEW IF NOT EXISTS {database}.payments_to_5s TO {database}.payments_5s AS
SELECT
    toStartOfInterval(toDateTime(ts, 'UTC'), INTERVAL 5 SECOND) AS tick,
    merchant, psp, method, network, issuer, country, currency,
    if(outcome = 'failed', code, '') AS code,
    toInt16(multiIf(
        latency_ms < 0, -1,
        latency_ms < 10, 0,
        least(47, 1 + floor(log(latency_ms / 10) / log(1.2) + 1e-9)))) AS latency_bin,
    1 AS attempts,
    outcome = 'success' AS successes,
    outcome = 'pending' AS pending,
    attempt_no = 1 AS payments,
    amount
FROM {database}.payments;
