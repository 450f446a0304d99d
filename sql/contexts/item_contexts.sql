-- contexts/item_contexts: for each item, one user who liked it and one who disliked it in training, with what they rated before.
-- The smallest candidate is taken.
-- grain   item_id
-- reads   items; candidates, made by contexts/item_candidates; timeline, at least the candidates' histories
-- params  $history                  BIGINT, maximum number of events in a history
--         $first_item, $last_item  INTEGER, the range of items, both included

with chosen as (
    select
        item_id,
        label,
        min(drawn) as drawn
    from candidates
    where item_id between $first_item and $last_item
    group by item_id, label
),

pivots as (
    select
        item_id,
        label,
        drawn.user_id as user_id,
        drawn.ts as ts,
        unnest(range(greatest(drawn.history_rn - $history + 1, 1), drawn.history_rn + 1)) as rn
    from chosen
),

histories as (
    select
        item_id,
        label,
        user_id,
        ts,
        list_sort(list({'rn': past.rn, 'item_id': past.item_id, 'rating': past.rating})) as events
    from (
        select
            pivots.item_id,
            pivots.label,
            pivots.user_id,
            pivots.ts,
            {'rn': timeline.rn, 'item_id': timeline.item_id, 'rating': timeline.rating} as past
        from pivots
        inner join timeline on pivots.user_id = timeline.user_id and pivots.rn = timeline.rn
    )
    group by item_id, label, user_id, ts
)

select
    items.item_id,
    liker.user_id as liker_id,
    liker.ts as liker_ts,
    list_transform(coalesce(liker.events, []), event -> event.item_id) as liker_items,
    list_transform(coalesce(liker.events, []), event -> event.rating) as liker_ratings,
    disliker.user_id as disliker_id,
    disliker.ts as disliker_ts,
    list_transform(coalesce(disliker.events, []), event -> event.item_id) as disliker_items,
    list_transform(coalesce(disliker.events, []), event -> event.rating) as disliker_ratings
from items
left join (select * from histories where label = 1) as liker on items.item_id = liker.item_id
left join (select * from histories where label = 0) as disliker on items.item_id = disliker.item_id
where items.item_id between $first_item and $last_item
