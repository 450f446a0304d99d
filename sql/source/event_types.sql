-- source/event_types: the types of events and their numbers of rows: those asked for first, then the most frequent.
-- grain   type
-- reads   source_events_typed(type), VARCHAR
-- params  $wanted  VARCHAR, JSON list of types
--         $limit   INTEGER, types; those asked for come on top of it

with types as (
    select
        type,
        count(*) as rows
    from source_events_typed
    where type is not null
    group by type
),

placed as (
    select
        *,
        list_contains(cast(cast($wanted as json) as varchar []), type) as is_wanted,
        count(*) over () as types
    from types
)

select
    type,
    rows,
    types
from placed
qualify is_wanted or row_number() over (order by is_wanted, rows desc, type) <= $limit
order by is_wanted desc, rows desc, type
