-- knowledge/user_tiers: active users: those with enough events in context and training, or the most active share of all.
-- grain   user_id
-- reads   user_contexts(user_id), timeline(user_id, role)
-- params  $active_from   BIGINT, minimum number of events of an active user; null to use the share
--         $active_share  DOUBLE, share of active users, rounded up; ties go to lower ids

with counts as (
    select
        user_contexts.user_id,
        cast(count(timeline.user_id) as integer) as interactions
    from user_contexts
    left join timeline
        on timeline.user_id = user_contexts.user_id
        and timeline.role in ('context', 'train')
    group by user_contexts.user_id
),

placed as (
    select
        *,
        row_number() over (order by interactions desc, user_id) as place,
        count(*) over () as users
    from counts
)

select
    user_id,
    interactions,
    -- Decimal shares: in doubles 0.07 * 100 lies above 7, which would make one user more active.
    coalesce(
        interactions >= cast($active_from as bigint),
        place <= ceil(cast($active_share as decimal(18, 9)) * users)
    ) as is_active
from placed
