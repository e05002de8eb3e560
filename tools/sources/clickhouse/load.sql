-- From the staged text of a file to payments. Staged rows that have no problem and are not there yet are taken.
-- {database}, {stage} and {read} are replaced by names, {successes}, {failures} and {pendings} by lists of words.

-- name: stage
CREATE TABLE {stage}
(
    line UInt64, ts String, payment_id String, attempt_no String, merchant String, psp String, method String,
    network String, issuer String, country String, amount String, currency String, outcome String,
    pending String, code String, latency_ms String
)
ENGINE = Memory;

-- name: read
CREATE TABLE {read} ENGINE = Memory AS
SELECT
    line,
    multiIf(
        match(ts_text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:'), parseDateTime64BestEffortOrNull(ts_text, 3, 'UTC'),
        match(ts_text, '^[0-9]{9,11}([.][0-9]*)?$'), toDateTime64OrNull(ts_text, 3, 'UTC'),
        match(ts_text, '^[0-9]{12,14}([.][0-9]*)?$'),
            fromUnixTimestamp64Milli(toInt64OrZero(splitByChar('.', ts_text)[1]), 'UTC'),
        match(ts_text, '^[0-9]{4}-?[0-9]{2}-?[0-9]{2}[T ][0-9]{2}$'),
            parseDateTime64BestEffortOrNull(concat(ts_text, ':00:00'), 3, 'UTC'),
        match(ts_text, '^[0-9]{4}-?[0-9]{2}-?[0-9]{2}'), parseDateTime64BestEffortOrNull(ts_text, 3, 'UTC'),
        NULL) AS ts,
    staged.payment_id AS payment_id,
    if(empty(staged.attempt_no), 1, toUInt16OrNull(replaceRegexpOne(staged.attempt_no, '[.]0+$', ''))) AS attempt_no,
    merchant, psp, method, network, issuer, country,
    if(empty(staged.amount), 0, toUInt64OrNull(replaceRegexpOne(staged.amount, '[.]0+$', ''))) AS amount,
    upper(staged.currency) AS currency,
    multiIf(
        word IN ({pendings}) OR lower(staged.pending) IN ({successes}), 'pending',
        word IN ({successes}), 'success',
        word IN ({failures}), 'failed',
        '') AS outcome,
    if(outcome = 'failed', staged.code, '') AS code,
    if(empty(staged.latency_ms), -1, toFloat32OrNull(staged.latency_ms)) AS latency_ms,
    trimBoth(staged.ts) AS ts_text,
    replaceRegexpOne(lower(staged.outcome), '[.]0$', '') AS word,
    multiIf(
        isNull(ts), concat('time ', if(empty(ts_text), 'is empty', 'is no time')),
        ts < toDateTime64('1973-03-03 09:46:40', 3, 'UTC') OR ts > toDateTime64('2103-02-01 00:00:00', 3, 'UTC'),
            'time is outside the years 1973 to 2103',
        empty(payment_id), 'payment_id is empty',
        empty(outcome), if(empty(word), 'success is empty', 'success is no known outcome'),
        isNull(attempt_no) OR attempt_no < 1, 'attempt_no is no whole number from 1',
        isNull(amount) OR amount > 100000000000000, 'amount is no whole number of minor units',
        isNull(latency_ms) OR isNaN(latency_ms) OR isInfinite(latency_ms) OR (latency_ms < 0 AND notEmpty(staged.latency_ms)),
            'latency_ms is not milliseconds, 0 or more',
        '') AS problem
FROM {stage} AS staged;

-- name: problems
SELECT problem, count() AS rows FROM {read} WHERE problem != '' GROUP BY problem;

-- name: examples
SELECT line, problem FROM {read} WHERE problem != '' ORDER BY line LIMIT 20;

-- name: count
SELECT count() FROM {database}.payments;

-- name: span
SELECT toUnixTimestamp64Micro(toDateTime64(min(ts), 6, 'UTC')), toUnixTimestamp64Micro(toDateTime64(max(ts), 6, 'UTC'))
FROM {read} WHERE problem = '';

-- name: load
INSERT INTO {database}.payments
SELECT
    assumeNotNull(ts), payment_id, assumeNotNull(attempt_no), merchant, psp, method, network, issuer, country,
    assumeNotNull(amount), currency, outcome, code, assumeNotNull(latency_ms)
FROM {read}
WHERE problem = '' AND (payment_id, assumeNotNull(attempt_no)) NOT IN (
    SELECT payment_id, attempt_no FROM {database}.payments
    PREWHERE key IN (SELECT cityHash64(payment_id, assumeNotNull(attempt_no)) FROM {read} WHERE problem = '')
    WHERE ts BETWEEN fromUnixTimestamp64Micro({since_us}, 'UTC') AND fromUnixTimestamp64Micro({until_us}, 'UTC'))
ORDER BY line
LIMIT 1 BY payment_id, attempt_no
SETTINGS optimize_on_insert = 0; -- adding rows up while they come in takes ten times as long as later

