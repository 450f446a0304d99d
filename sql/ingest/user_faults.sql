-- ingest/user_faults: the first invalid lines of a user file, each with its reason, and their total number.
-- grain   one faulty line
-- reads   users_text(user_id, attributes), the id as text, in file order
-- params  $first_line  BIGINT, line number of the first row in the file
--         $limit  BIGINT, number of lines to show

with numbered as (
    select
        user_id,
        rowid + $first_line as line,
        min(rowid) over (partition by user_id) + $first_line as first_line
    from users_text
),

reasons as (
    select
        line,
        coalesce(user_id, '') as content,
        case
            when user_id is null then 'lacks the user id'
            when not regexp_full_match(user_id, '[0-9]+') or coalesce(try_cast(user_id as integer), 0) < 1
                then 'the user id ''' || user_id || ''' is not an integer from 1 to 2147483647'
            when line > first_line then 'repeats the user of line ' || first_line
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
