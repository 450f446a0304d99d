-- ingest/users_judged: every line of a user file, and the reason if it is not a valid user.
-- grain   line
-- reads   users_text(line, fault, content, user_id, attributes), the id as text
-- params  none

with typed as (
    select
        * exclude (user_id, fault),
        if(regexp_full_match(user_id, '[0-9]+'), nullif(try_cast(user_id as integer), 0), null) as user_id,
        case
            when fault is not null then fault
            when user_id is null or user_id = '' then 'the user id is missing'
            when not regexp_full_match(user_id, '[0-9]+') or coalesce(try_cast(user_id as integer), 0) < 1
                then 'the user id ''' || user_id || ''' is not an integer from 1 to 2147483647'
        end as reason
    from users_text
),

numbered as (
    select
        *,
        min(line) filter (where reason is null) over (partition by user_id) as first_line
    from typed
)

select
    line,
    content,
    user_id,
    attributes,
    coalesce(reason, if(line > first_line, 'repeats the user of line ' || first_line, null)) as reason -- null: the line is valid
from numbered
