-- ingest/items_judged: every line of an item file, and the reason if it is not a valid item.
-- grain   line
-- reads   source_titles(line, fault, content, item_id, raw_title, genres), the id as text
-- params  none

with typed as (
    select
        * exclude (item_id, fault),
        if(regexp_full_match(item_id, '[0-9]+'), nullif(try_cast(item_id as integer), 0), null) as item_id,
        case
            when fault is not null then fault
            when item_id is null or item_id = '' then 'the item id is missing'
            when not regexp_full_match(item_id, '[0-9]+') or coalesce(try_cast(item_id as integer), 0) < 1
                then 'the item id ''' || item_id || ''' is not an integer from 1 to 2147483647'
            when raw_title is null or trim(raw_title) = '' then 'the title is missing'
        end as reason
    from source_titles
),

numbered as (
    select
        *,
        min(line) filter (where reason is null) over (partition by item_id) as first_line
    from typed
)

select
    line,
    content,
    item_id,
    raw_title,
    genres,
    coalesce(reason, if(line > first_line, 'repeats the item of line ' || first_line, null)) as reason -- null: the line is valid
from numbered
