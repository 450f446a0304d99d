-- train/user_attribute_values: each user's distinct values of one attribute, in order of first occurrence.
-- grain   (user_id, slot)
-- reads   users(user_id, attributes)
-- params  $name   VARCHAR, the attribute
--         $limit  INTEGER, maximum number of values per user, the first ones; null = all

with listed as (
    select
        user_id,
        unnest(attributes[$name]) as value,
        generate_subscripts(attributes[$name], 1) as place
    from users
),

first_places as (
    select
        user_id,
        value,
        min(place) as place
    from listed
    where value is not null
    group by user_id, value
),

counted as (
    select
        user_id,
        value,
        row_number() over (partition by user_id order by place) as slot,
        count(*) over (partition by user_id) as values_in_all
    from first_places
)

select
    user_id as id,
    cast(slot as integer) as slot, -- from 1
    cast(dense_rank() over (order by value) as integer) as value_rank, -- from 1, in the order of the texts
    cast(values_in_all as integer) as values_in_all -- of the user, also those beyond the limit
from counted
where $limit is null or slot <= $limit
order by user_id, slot
