-- cuts/span: number of events, first and last instant, and number of events until a given instant.
-- grain   one row
-- reads   interactions(ts)
-- params  $until_us  VARCHAR, microseconds since 1970; null counts none

select
    count(*) as events,
    min(epoch_us(ts)) as first_us,
    max(epoch_us(ts)) as last_us,
    count(*) filter (where epoch_us(ts) <= cast($until_us as bigint)) as events_until
from interactions
