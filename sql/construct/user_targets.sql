-- construct/user_targets: a seeded share of the users, each with the first event after the context as its target.
-- The target must be strictly later than the whole context and unscored: a training row, or the one the reference protocol drops.
-- Of the users with a target, those with the smallest md5 of (seed, user) are taken, then the smallest user: ceil(share * n) of them.
-- grain   user_id
-- reads   timeline, user_contexts
-- params  $share  DOUBLE, above 0, at most 1
--         $seed   BIGINT

with candidates as (
    select
        timeline.user_id,
        min({
            'rn': timeline.rn,
            'item_id': timeline.item_id,
            'label': timeline.label,
            'ts': timeline.ts
        }) as first_after
    from timeline
    inner join user_contexts on timeline.user_id = user_contexts.user_id
    where
        timeline.role in ('train', 'dropped')
        and timeline.history_rn >= len(user_contexts.history_items)
    group by timeline.user_id
),

drawn as (
    select
        *,
        row_number() over (order by md5_number_lower(concat_ws(':', $seed, user_id)), user_id) as place,
        count(*) over () as n
    from candidates
)

-- A decimal share: as doubles, 0.07 * 100 exceeds 7 and would take one more user.
select
    user_id,
    first_after.item_id as item_id,
    first_after.label as label,
    first_after.ts as ts
from drawn
where place <= ceil(cast($share as decimal(18, 9)) * n)
