-- inspect/splits_over_time: interactions by their role under the protocol, in time spans of equal length.
-- grain   (from_ts, role); spans and roles without interactions are left out
-- reads   timeline(ts, role)
-- params  $spans  BIGINT = 24, maximum number of time spans; each is a whole number of seconds

with bounds as (
    select
        min(epoch_us(ts)) as first_us,
        ((max(epoch_us(ts)) - min(epoch_us(ts))) // (cast($spans as bigint) * 1000000) + 1) * 1000000 as span_us -- whole seconds
    from timeline
),

placed as (
    select
        (epoch_us(ts) - first_us) // span_us as span, -- from 0
        role
    from timeline
    cross join bounds
)

select
    make_timestamp(any_value(first_us + span * span_us)) as from_ts, -- UTC
    make_timestamp(any_value(first_us + (span + 1) * span_us)) as to_ts, -- excluded
    role, -- context, train, valid, test, gap or dropped
    count(*) as interactions
from placed
cross join bounds
group by span, role
order by from_ts, list_position(['context', 'train', 'valid', 'test', 'gap', 'dropped'], role), role
