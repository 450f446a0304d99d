-- ingest/counts: the rows of ingest_counts, with one for long items if there are any.
-- grain   (place)
-- reads   source_counts(place, step, reason, rows), source_items(title, attributes)
-- params  $most  BIGINT, characters beyond which an item is long

with long_items as (
    select count(*) as items
    from source_items
    where
        length(title) + coalesce(
            list_sum(list_transform(flatten(map_values(attributes)), lambda value: length(value))), 0
        ) > cast($most as bigint)
)

select
    place,
    step,
    reason,
    rows
from source_counts
union all
select
    cast((select max(place) + 1 from source_counts) as integer) as place,
    'long item' as step,
    format('more than {:t,} characters of title and attribute values; knowledge.itemCharacters says how many of them texts hold', cast($most as bigint)) as reason,
    items as rows
from long_items
where items > 0
