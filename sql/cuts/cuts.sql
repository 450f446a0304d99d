-- cuts/cuts: the instants that separate training, validation and test.
-- grain   one row
-- reads   nothing
-- params  $train_until, $valid_from, $valid_until, $test_from  VARCHAR, microseconds since 1970; the middle two null without validation

select
    make_timestamp(cast($train_until as bigint)) as train_until,
    make_timestamp(cast($valid_from as bigint)) as valid_from,
    make_timestamp(cast($valid_until as bigint)) as valid_until,
    make_timestamp(cast($test_from as bigint)) as test_from
