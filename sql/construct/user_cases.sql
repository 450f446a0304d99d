-- construct/user_cases: each target of a user with the context the teacher reads, in the order they are asked.
-- grain   user_id
-- reads   user_targets(user_id, item_id, label), user_contexts(user_id, last_ts, history_items, history_ratings)

select
    user_targets.user_id,
    -- Times before 1990 only count events (timeUnit order).
    case
        when user_contexts.last_ts >= timestamp '1990-01-01'
            then strftime(user_contexts.last_ts, '%Y-%m-%d')
    end as last_day,
    user_contexts.history_items,
    user_contexts.history_ratings,
    user_targets.item_id,
    user_targets.label
from user_targets
inner join user_contexts on user_targets.user_id = user_contexts.user_id
order by user_targets.user_id
