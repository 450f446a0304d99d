-- source/merged_forms: what the ids and times of all groups of files look like, as source/value_forms says it of one.
-- grain   time_form
-- reads   ingest_forms(time_form, rows, least, most, first_row, users, integer_users, first_user, items, integer_items, first_item)
-- params  none

select
    time_form,
    cast(sum(rows) as bigint) as rows,
    min(least) as least,
    max(most) as most,
    min(first_row) as first_row,
    cast(sum(users) as bigint) as users,
    cast(sum(integer_users) as bigint) as integer_users,
    min(first_user) as first_user,
    cast(sum(items) as bigint) as items,
    cast(sum(integer_items) as bigint) as integer_items,
    min(first_item) as first_item
from ingest_forms
group by time_form
order by rows desc, time_form
