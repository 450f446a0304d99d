-- cuts/nth_instant: the instant of the event of a rank in a stretch of time.
-- grain   one row
-- reads   interactions(ts)
-- params  $from_us   VARCHAR, microseconds since 1970: where the stretch begins
--         $until_us  VARCHAR, the last microsecond of the stretch
--         $rank      BIGINT, in order of time, from 1 at the first event of the stretch

select epoch_us(ts) as instant_us
from interactions
where ts between make_timestamp(cast($from_us as bigint)) and make_timestamp(cast($until_us as bigint))
order by ts
limit 1
offset $rank - 1
