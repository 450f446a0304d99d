-- train/item_attribute_names: every attribute that an item of the catalogue has.
-- grain   (name)
-- reads   items(attributes)

with names as (
    select unnest(map_keys(attributes)) as name
    from items
)

select distinct name
from names
order by name
