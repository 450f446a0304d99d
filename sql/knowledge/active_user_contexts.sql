-- knowledge/active_user_contexts: what the actor reads about each active user, in the order knowledge is written.
-- grain   user_id
-- reads   user_contexts(user_id, last_ts, history_items, history_ratings), user_tiers(user_id, is_active)

select
    user_id,
    -- Times before 1990 only count events (timeUnit order).
    case when last_ts >= timestamp '1990-01-01' then strftime(last_ts, '%Y-%m-%d') end as last_day,
    history_items,
    history_ratings
from user_contexts
where user_id in (select user_id from user_tiers where is_active)
order by user_id
