-- train/item_attribute: the rank of the first value of one attribute, for the items that have one.
-- grain   (item_id)
-- reads   items(item_id, attributes)
-- params  $name  VARCHAR, the attribute

with first_values as (
    select
        item_id,
        attributes[$name][1] as first_value
    from items
)

select
    item_id,
    cast(dense_rank() over (order by first_value) as integer) as value_rank -- from 1, in the order of the texts
from first_values
where first_value is not null
order by item_id
