-- cuts/slot_at_rank: of equal slots of a stretch of time the one that holds the event of a rank, and how many lie in and before it.
-- grain   one row
-- reads   interactions(ts)
-- params  $from_us   VARCHAR, microseconds since 1970: where the stretch and slot 0 begin
--         $until_us  VARCHAR, the last microsecond of the stretch
--         $width_us  VARCHAR, microseconds a slot is long
--         $rank      BIGINT, in order of time, from 1 at the first event of the stretch

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
