-- audits/context_labels_not_scored: no event whose label is to be predicted (validation or test) is shown in any context.
-- grain   one event that is both shown and scored
-- reads   user_contexts, item_contexts, samples
-- params  $protocol  VARCHAR; under reference events are ordered by day only

with shown as (
    select user_id, last_ts as until_ts, unnest(history_items) as item_id, unnest(history_ratings) as rating
    from user_contexts
    union all
    select liker_id, liker_ts, unnest(liker_items), unnest(liker_ratings)
    from item_contexts
    union all
    select disliker_id, disliker_ts, unnest(disliker_items), unnest(disliker_ratings)
    from item_contexts
)

select distinct
    samples.user_id,
    samples.rn,
    samples.item_id,
    samples.split
from samples
inner join shown on
    samples.user_id = shown.user_id and samples.item_id = shown.item_id and samples.rating = shown.rating
where
    samples.split in ('valid', 'test')
    and case $protocol
        when 'reference' then cast(samples.ts as date) <= cast(shown.until_ts as date)
        else samples.ts <= shown.until_ts
    end
