-- train/attribute_sizes: how many values of one attribute items have.
-- grain   one row
-- reads   items(item_id, attributes), samples(item_id)
-- params  $name   VARCHAR, the attribute
--         $limit  INTEGER, maximum number of values per item

with counted as (
    select
        item_id,
        least(coalesce(len(list_distinct(attributes[$name])), 0), $limit) as item_values
    from items
),

valued as (
    select unnest(list_slice(attributes[$name], 1, $limit)) as value
    from items
),

occurrences as (
    select
        item_id,
        count(*) as rows
    from samples
    group by item_id
)

select
    cast(max(item_values) as integer) as most, -- of an item; null without items
    cast((select count(distinct value) from valued) as integer) as distinct_values, -- at least
    cast(coalesce(sum(item_values * rows) / sum(rows), 0) as double) as per_row -- of the items as samples name them
from counted
left join occurrences using (item_id)
