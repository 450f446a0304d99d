-- score/events: every event of every user in order of time.
-- grain   (user_id, rn)
-- reads   timeline(user_id, rn, item_id, rating, ts)

select
    user_id,
    item_id,
    cast(rating as float) as rating, -- stars; see train/rating_values
    cast(epoch_us(ts) as double) as time_us -- microseconds since 1970, UTC
from timeline
order by user_id, ts, rn
