-- cuts/nth_instant: the instant of the event with a given rank in a span of time.
-- grain   one row
-- reads   interactions(ts)
-- params  $from_us   VARCHAR, microseconds since 1970: start of the span
--         $until_us  VARCHAR, last microsecond of the span
--         $rank      BIGINT, in order of time, from 1 for the first event of the span

select epoch_us(ts) as instant_us
from interactions
where ts between make_timestamp(cast($from_us as bigint)) and make_timestamp(cast($until_us as bigint))
order by ts
limit 1
offset $rank - 1
