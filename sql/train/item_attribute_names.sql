-- train/item_attribute_names: the names of all item attributes.
-- grain   (name)
-- reads   items(attributes)

with names as (
    select unnest(map_keys(attributes)) as name
    from items
)

select distinct name
from names
order by name
