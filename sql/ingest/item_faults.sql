-- ingest/item_faults: the first invalid lines of an item file, each with its reason, and their total number.
-- grain   one faulty line
-- reads   source_titles(item_id, raw_title, genres), the id as text, in file order
-- params  $first_line  BIGINT, line number of the first row in the file (2 where there is a header)
--         $limit  BIGINT, number of lines to show

with numbered as (
    select
        item_id,
        raw_title,
        genres,
        rowid + $first_line as line,
        min(rowid) over (partition by item_id) + $first_line as first_line
    from source_titles
),

reasons as (
    select
        line,
        concat_ws(' | ', item_id, raw_title) as content,
        case
            when item_id is null or raw_title is null or genres is null then 'lacks fields, or has too many'
            when not regexp_full_match(item_id, '[0-9]+') or coalesce(try_cast(item_id as integer), 0) < 1
                then 'the item id ''' || item_id || ''' is not an integer from 1 to 2147483647'
            when line > first_line then 'repeats the item of line ' || first_line
        end as reason
    from numbered
)

select
    line,
    content,
    reason,
    count(*) over () as faults
from reasons
where reason is not null
order by line
limit $limit
