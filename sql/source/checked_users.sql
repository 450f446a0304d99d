-- source/checked_users: every row of a user file with its types, and the reason if it is not a valid user.
-- grain   file_row
-- reads   users_placed(file_row, file_index, line, fault, content, id_raw, user_id, attributes), user_id null where the id is invalid
-- params  $id_fault  VARCHAR, reason for an invalid id

with placed as (
    select
        *,
        row_number() over (partition by user_id order by file_row) as nth
    from users_placed
)

select
    file_index,
    line,
    user_id,
    attributes,
    case
        when fault is not null then fault
        when id_raw is null then 'the user id is missing'
        when user_id is null then $id_fault
        when nth > 1 then 'the user has a row before'
    end as reason, -- null: the row is valid
    coalesce(content, cast(id_raw as varchar)) as content
from placed
