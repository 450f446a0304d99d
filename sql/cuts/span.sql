-- cuts/span: how many events there are, between which instants, and how many of them until a given one.
-- grain   one row
-- reads   interactions(ts)
-- params  $until_us  VARCHAR, microseconds since 1970; null counts none

select
    count(*) as events,
    min(epoch_us(ts)) as first_us,
    max(epoch_us(ts)) as last_us,
    count(*) filter (where epoch_us(ts) <= cast($until_us as bigint)) as events_until
from interactions
