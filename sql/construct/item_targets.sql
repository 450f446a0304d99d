-- construct/item_targets: a seeded share of the items, each with the training event of one more user and what that user rated before.
-- The target user is neither the liker nor the disliker of the item's context; of several, the event with the smallest md5 of
-- (seed, 'target', item, user, rn) is taken, then the smallest user, then rn. Of the items with such an event, those with the
-- smallest md5 of (seed, item) are taken, then the smallest item: ceil(share * n) of them.
-- grain   item_id
-- reads   timeline, item_contexts
-- params  $share    DOUBLE, above 0, at most 1
--         $seed     BIGINT
--         $history  BIGINT, maximum number of events in a history

with candidates as (
    select
        timeline.item_id,
        min({
            'draw': md5_number_lower(concat_ws(':', $seed, 'target', timeline.item_id, timeline.user_id, timeline.rn)),
            'user_id': timeline.user_id,
            'rn': timeline.rn,
            'history_rn': timeline.history_rn,
            'label': timeline.label,
            'ts': timeline.ts
        }) as target
    from timeline
    inner join item_contexts on timeline.item_id = item_contexts.item_id
    where
        timeline.role = 'train'
        and timeline.user_id is distinct from item_contexts.liker_id
        and timeline.user_id is distinct from item_contexts.disliker_id
    group by timeline.item_id
),

drawn as (
    select
        *,
        row_number() over (order by md5_number_lower(concat_ws(':', $seed, item_id)), item_id) as place,
        count(*) over () as n
    from candidates
),

-- A decimal share: as doubles, 0.07 * 100 exceeds 7 and would take one more item.
taken as (
    select
        item_id,
        target
    from drawn
    where place <= ceil(cast($share as decimal(18, 9)) * n)
),

wanted as (
    select
        item_id,
        target.user_id as user_id,
        unnest(range(greatest(target.history_rn - $history + 1, 1), target.history_rn + 1)) as rn
    from taken
),

histories as (
    select
        wanted.item_id,
        list_sort(
            list({'rn': timeline.rn, 'item_id': timeline.item_id, 'rating': timeline.rating})
        ) as events
    from wanted
    inner join timeline on wanted.user_id = timeline.user_id and wanted.rn = timeline.rn
    group by wanted.item_id
)

select
    taken.item_id,
    taken.target.user_id as target_user_id,
    taken.target.label as label,
    taken.target.ts as ts,
    list_transform(coalesce(histories.events, []), event -> event.item_id) as history_items,
    list_transform(coalesce(histories.events, []), event -> event.rating) as history_ratings
from taken
left join histories on taken.item_id = histories.item_id
