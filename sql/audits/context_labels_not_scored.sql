-- audits/context_labels_not_scored: no context shows an event whose label is to be predicted (validation or test).
-- Contexts show (item, rating) without a time. Where a user gave an item the same rating twice, what is shown counts as a scored
-- event only if no event that is not scored explains it.
-- grain   one event that is shown and scored
-- reads   user_contexts, item_contexts, samples, interactions
-- params  $protocol  VARCHAR; under reference events are ordered by day only

with events as (
    select user_id, last_ts as ts, unnest(history_items) as item_id, unnest(history_ratings) as rating
    from user_contexts
    union all
    select liker_id, liker_ts, unnest(liker_items), unnest(liker_ratings)
    from item_contexts
    union all
    select disliker_id, disliker_ts, unnest(disliker_items), unnest(disliker_ratings)
    from item_contexts
),

shown as (
    select distinct
        user_id,
        item_id,
        rating,
        case $protocol
            when 'reference' then date_trunc('day', ts) + interval 1 day - interval 1 microsecond
            else ts
        end as until_ts -- the last instant an event shown can lie at
    from events
),

scored as (
    select
        user_id,
        rn,
        item_id,
        rating,
        ts,
        split
    from samples
    where split in ('valid', 'test')
),

suspects as (
    select
        scored.*,
        shown.until_ts
    from scored
    inner join shown using (user_id, item_id, rating)
    where scored.ts <= shown.until_ts
),

explained as (
    select
        suspects.user_id,
        suspects.item_id,
        suspects.rating,
        suspects.until_ts
    from suspects
    inner join interactions using (user_id, item_id, rating)
    left join scored
        on interactions.user_id = scored.user_id
        and interactions.item_id = scored.item_id
        and interactions.ts = scored.ts
    where interactions.ts <= suspects.until_ts and scored.rn is null
)

select distinct
    user_id,
    rn,
    item_id,
    split
from suspects
anti join explained using (user_id, item_id, rating, until_ts)
