-- score/vector_users: users with a vector but no sample, such as users who are new in the last period.
-- grain   (user_id)
-- reads   user_embeddings(user_id, vector), samples(user_id)

select distinct user_id
from user_embeddings
where vector is not null
    and user_id not in (select user_id from samples)
order by user_id
