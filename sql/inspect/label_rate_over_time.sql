-- inspect/label_rate_over_time: interactions and the share that was liked, in spans of equal length.
-- grain   from_ts; spans without interactions are left out
-- reads   interactions(ts, label)
-- params  $spans  BIGINT = 24, spans of whole seconds, at most, that the time from the first to the last event is cut into

with bounds as (
    select
        min(epoch_us(ts)) as first_us,
        ((max(epoch_us(ts)) - min(epoch_us(ts))) // (cast($spans as bigint) * 1000000) + 1) * 1000000 as span_us -- whole seconds
    from interactions
)

select
    make_timestamp(any_value(first_us) + ((epoch_us(ts) - first_us) // span_us) * any_value(span_us)) as from_ts, -- UTC
    count(*) as interactions,
    cast(sum(label) as bigint) as likes,
    avg(label) as label_rate -- share of label 1
from interactions
cross join bounds
group by (epoch_us(ts) - first_us) // span_us
order by from_ts
