-- knowledge/user_contexts: what the actor reads about each user, in the order knowledge is written.
-- grain   user_id
-- reads   user_contexts(user_id, last_ts, history_items, history_ratings)

select
    user_id,
    -- Times before 1990 only count events (timeUnit order).
    case when last_ts >= timestamp '1990-01-01' then strftime(last_ts, '%Y-%m-%d') end as last_day,
    history_items,
    history_ratings
from user_contexts
order by user_id
