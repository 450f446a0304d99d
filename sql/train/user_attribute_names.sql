-- train/user_attribute_names: every attribute that a user has.
-- grain   (name)
-- reads   users(attributes)

with names as (
    select unnest(map_keys(attributes)) as name
    from users
)

select distinct name
from names
order by name
