-- train/user_ids: every user who has a sample.
-- grain   (user_id)
-- reads   samples(user_id)

select distinct user_id
from samples
order by user_id
