-- inspect/context_coverage: users and items by the context that knowledge can be written from, with the test rows they cover.
-- A user's context counts if it holds an event; an item's has a liker, a disliker, both or neither.
-- grain   (subject, context)
-- reads   user_contexts(user_id, history_items), item_contexts(item_id, liker_id, disliker_id), samples(split, user_id, item_id)
-- params  none

with contexts as (
    select
        'user' as subject,
        user_id as id,
        if(len(history_items) > 0, 'history', 'none') as context
    from user_contexts
    union all
    select
        'item',
        item_id,
        case
            when liker_id is not null and disliker_id is not null then 'liker and disliker'
            when liker_id is not null then 'liker only'
            when disliker_id is not null then 'disliker only'
            else 'none'
        end
    from item_contexts
),

test_rows as (
    select 'user' as subject, user_id as id, count(*) as rows
    from samples
    where split = 'test'
    group by user_id
    union all
    select 'item', item_id, count(*)
    from samples
    where split = 'test'
    group by item_id
),

-- Users and items of test rows without any context row count as none.
every_subject as (
    select
        subject,
        coalesce(context, 'none') as context,
        coalesce(rows, 0) as rows
    from contexts
    full join test_rows using (subject, id)
)

select
    subject, -- user or item
    context, -- user: history or none; item: liker and disliker, liker only, disliker only or none
    count(*) as subjects,
    count(*) / sum(count(*)) over (partition by subject) as subject_share,
    cast(sum(rows) as bigint) as test_rows,
    sum(rows) / nullif(sum(sum(rows)) over (partition by subject), 0) as test_share -- null without test rows
from every_subject
group by subject, context
order by subject desc, list_position(['history', 'liker and disliker', 'liker only', 'disliker only', 'none'], context) -- users first
