-- cuts/slot_at_rank: the slot of a span of time that holds the event with a given rank, and the number of events in and before it.
-- grain   one row
-- reads   interactions(ts)
-- params  $from_us   VARCHAR, microseconds since 1970: start of the span and of slot 0
--         $until_us  VARCHAR, last microsecond of the span
--         $width_us  VARCHAR, length of a slot, microseconds
--         $rank      BIGINT, in order of time, from 1 for the first event of the span

with slots as (
    select
        (epoch_us(ts) - cast($from_us as bigint)) // cast($width_us as bigint) as slot,
        count(*) as events
    from interactions
    where ts between make_timestamp(cast($from_us as bigint)) and make_timestamp(cast($until_us as bigint))
    group by slot
),

running as (
    select
        slot,
        sum(events) over (order by slot) as events_until,
        events
    from slots
)

select
    slot,
    events,
    events_until - events as events_before
from running
where events_until >= $rank
order by slot
limit 1
