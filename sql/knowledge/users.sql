-- knowledge/users: the attributes of the users who are asked about, as JSON text.
-- grain   user_id
-- reads   users(user_id, attributes), user_contexts(user_id)

select
    user_id,
    cast(to_json(attributes) as varchar) as attributes -- {"age": ["25-34"]}
from users
where user_id in (select user_id from user_contexts)
order by user_id
