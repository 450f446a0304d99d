-- cuts/slots: how many events fall into each slot of time.
-- grain   slot
-- reads   interactions(ts)
-- params  $from_us   VARCHAR, microseconds since 1970: where slot 0 begins
--         $until_us  VARCHAR, the last microsecond that is counted
--         $width_us  VARCHAR, microseconds a slot is long

select
    (epoch_us(ts) - cast($from_us as bigint)) // cast($width_us as bigint) as slot,
    count(*) as events
from interactions
where ts between make_timestamp(cast($from_us as bigint)) and make_timestamp(cast($until_us as bigint))
group by slot
order by slot
