-- train/user_attribute_names: the names of all user attributes.
-- grain   (name)
-- reads   users(attributes)

with names as (
    select unnest(map_keys(attributes)) as name
    from users
)

select distinct name
from names
order by name
