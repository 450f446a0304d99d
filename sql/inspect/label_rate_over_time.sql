-- inspect/label_rate_over_time: interactions and their share of label 1, in time spans of equal length.
-- grain   from_ts; spans without interactions are left out
-- reads   interactions(ts, label)
-- params  $spans  BIGINT = 24, maximum number of time spans; each is a whole number of seconds

with bounds as (
    select
        min(epoch_us(ts)) as first_us,
        ((max(epoch_us(ts)) - min(epoch_us(ts))) // (cast($spans as bigint) * 1000000) + 1) * 1000000 as span_us -- whole seconds
    from interactions
),

placed as (
    select
        (epoch_us(ts) - first_us) // span_us as span, -- from 0
        label
    from interactions
    cross join bounds
)

select
    make_timestamp(any_value(first_us + span * span_us)) as from_ts, -- UTC
    make_timestamp(any_value(first_us + (span + 1) * span_us)) as to_ts, -- excluded
    count(*) as interactions,
    cast(sum(label) as bigint) as likes,
    avg(label) as label_rate -- share of label 1
from placed
cross join bounds
group by span
order by from_ts
