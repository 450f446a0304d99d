-- audits/user_stats_from_context: user statistics are computed from the context only; no training, validation or test label is in them.
-- grain   one user whose statistics differ from those of the context
-- reads   user_stats, user_contexts, interactions
-- params  none

with labels as (
    select distinct rating, label from interactions
),

shown as (
    select user_id, unnest(history_ratings) as rating
    from user_contexts
),

expected as (
    select
        user_id,
        count(*) as interactions,
        avg(rating) as mean_rating,
        avg(label) as label_rate
    from shown
    inner join labels using (rating)
    group by user_id
)

select
    user_stats.user_id,
    user_stats.interactions,
    expected.interactions as expected_interactions,
    user_stats.label_rate,
    expected.label_rate as expected_label_rate
from user_stats
left join expected using (user_id)
where
    expected.user_id is null
    or user_stats.interactions <> expected.interactions
    or abs(user_stats.mean_rating - expected.mean_rating) > 1e-6
    or abs(user_stats.label_rate - expected.label_rate) > 1e-6
