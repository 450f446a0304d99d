-- source/first_rows: statistics of the first rows of the interactions, for settings left to auto.
-- grain   one row
-- reads   source_raw(file_index, place, fault, c0 user, c1 item, c2 time), of any type
-- params  none

with texts as (
    select
        cast(c0 as varchar) as user_text,
        cast(c1 as varchar) as item_text,
        cast(c2 as varchar) as time_text
    from source_raw
    where file_index = 0 and place < 10000 and fault is null
)

select
    count(*) as rows,
    count(*) filter (
        where regexp_full_match(user_text, '[1-9][0-9]*([.]0+)?') and try_cast(user_text as integer) is not null
    ) as integer_users,
    count(*) filter (
        where regexp_full_match(item_text, '[1-9][0-9]*([.]0+)?') and try_cast(item_text as integer) is not null
    ) as integer_items,
    median(try_cast(time_text as double)) filter (where isfinite(try_cast(time_text as double))) as median_time
from texts
