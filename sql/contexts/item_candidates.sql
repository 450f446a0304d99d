-- contexts/item_candidates: for each item, one training event that liked it and one that disliked it, if any.
-- The one with the smallest md5 of (seed, item, user, rn) is taken, then the smallest user, then rn: the choice depends only on the
-- seed and the event, so the smallest candidate of several timelines is the smallest of their union.
-- grain   (item_id, label)
-- reads   timeline
-- params  $seed  BIGINT

select
    item_id,
    label,
    min({
        'draw': md5_number_lower(concat_ws(':', $seed, item_id, user_id, rn)),
        'user_id': user_id,
        'rn': rn,
        'history_rn': history_rn,
        'ts': ts
    }) as drawn
from timeline
where role = 'train'
group by item_id, label
