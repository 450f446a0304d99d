-- ingest/data_fingerprint: what tells these interactions from those of other data.
-- grain   one row
-- reads   interactions(user_id, item_id, rating, label, ts)

select
    count(*) as rows,
    count(distinct user_id) as users,
    count(distinct item_id) as items,
    -- A sum, so that the order and the parts of the rows do not matter.
    concat(
        count(*),
        '-',
        coalesce(sum(cast(hash(user_id, item_id, rating, label, epoch_us(ts)) >> 8 as hugeint)), 0)
    ) as fingerprint
from interactions
