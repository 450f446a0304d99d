-- timeline/short_users: users with too few events for a single CTR row.
-- grain   user_id
-- reads   interactions
-- params  $needed  BIGINT, events a user needs

select
    user_id,
    count(*) as events,
    count(*) over () as short_users
from interactions
group by user_id
having count(*) < $needed
order by user_id
limit 3
