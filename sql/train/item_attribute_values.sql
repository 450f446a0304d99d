-- train/item_attribute_values: each item's distinct values of one attribute, in order of first occurrence.
-- grain   (item_id, slot)
-- reads   items(item_id, attributes)
-- params  $name   VARCHAR, the attribute
--         $limit  INTEGER, maximum number of values per item, the first ones; null = all

with listed as (
    select
        item_id,
        unnest(attributes[$name]) as value,
        generate_subscripts(attributes[$name], 1) as place
    from items
),

first_places as (
    select
        item_id,
        value,
        min(place) as place
    from listed
    where value is not null
    group by item_id, value
),

counted as (
    select
        item_id,
        value,
        row_number() over (partition by item_id order by place) as slot,
        count(*) over (partition by item_id) as values_in_all
    from first_places
)

select
    item_id as id,
    cast(slot as integer) as slot, -- from 1
    cast(dense_rank() over (order by value) as integer) as value_rank, -- from 1, in the order of the texts
    cast(values_in_all as integer) as values_in_all -- of the item, also those beyond the limit
from counted
where $limit is null or slot <= $limit
order by item_id, slot
