-- audits/history_before_row: every event in a sample's history precedes the sample's own event.
-- Checked against the raw interactions, not the order in which samples were made. "Before" is: an earlier instant (leakfree),
-- not a later instant (paper), not a later day (reference).
-- grain   one history event that breaks the rule
-- reads   samples, interactions
-- params  $protocol  VARCHAR

with events as (
    select
        user_id,
        rn,
        ts,
        unnest(history_items) as item_id,
        unnest(history_ratings) as rating
    from samples
),

times as (
    select
        user_id,
        item_id,
        rating,
        min(ts) as event_ts
    from interactions
    group by user_id, item_id, rating
)

select
    events.user_id,
    events.rn,
    events.item_id,
    events.ts,
    event_ts
from events
left join times on
    events.user_id = times.user_id and events.item_id = times.item_id and events.rating = times.rating
where
    coalesce(
        case $protocol
            when 'leakfree' then event_ts >= events.ts
            when 'paper' then event_ts > events.ts
            when 'reference' then cast(event_ts as date) > cast(events.ts as date)
        end,
        true
    )
