-- ingest/users: every user who rated something, with their attributes.
-- grain   user_id
-- reads   source_interactions, source_users(user_id, attributes)

select
    rated.user_id,
    coalesce(attributes, map {}::map(varchar, varchar [])) as attributes
from (select distinct user_id from source_interactions) as rated
left join source_users using (user_id)
