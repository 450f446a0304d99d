-- audits/item_context_history_before: the history that a context shows of a user precedes the user's rating of the item.
-- "Before" is: an earlier instant (leakfree), not a later instant (paper), not a later day (reference).
-- grain   one history event that breaks the rule
-- reads   item_contexts, interactions
-- params  $protocol  VARCHAR

with shown as (
    select liker_id as user_id, liker_ts as ts, unnest(liker_items) as item_id, unnest(liker_ratings) as rating
    from item_contexts
    union all
    select disliker_id, disliker_ts, unnest(disliker_items), unnest(disliker_ratings)
    from item_contexts
),

times as (
    select
        user_id,
        item_id,
        rating,
        min(ts) as event_ts
    from interactions
    semi join shown using (user_id, item_id, rating)
    group by user_id, item_id, rating
)

select
    shown.user_id,
    shown.item_id,
    shown.ts,
    event_ts
from shown
left join times on shown.user_id = times.user_id and shown.item_id = times.item_id and shown.rating = times.rating
where
    coalesce(
        case $protocol
            when 'leakfree' then event_ts >= shown.ts
            when 'paper' then event_ts > shown.ts
            when 'reference' then cast(event_ts as date) > cast(shown.ts as date)
        end,
        true
    )
