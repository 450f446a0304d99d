-- stats/user_stats: three statistics of the context of each user who has samples.
-- grain   user_id
-- reads   timeline(user_id, rating, label, role)
-- audits  user_stats_from_context

select
    user_id,
    cast(count(*) as integer) as interactions,
    avg(rating) as mean_rating, -- stars
    avg(label) as label_rate -- 0 to 1
from timeline
where
    role = 'context'
    and user_id in (select user_id from timeline where role in ('train', 'valid', 'test'))
group by user_id
