-- inspect/cold_start: rows to predict, by whether their user and their item have training rows.
-- grain   (split, is_new_user, is_cold_item); combinations without rows are left out
-- reads   samples(split, user_id, item_id, label)
-- params  none

with train_users as (
    select distinct user_id from samples where split = 'train'
),

train_items as (
    select distinct item_id from samples where split = 'train'
)

select
    split, -- valid or test
    train_users.user_id is null as is_new_user,
    train_items.item_id is null as is_cold_item,
    count(*) as rows,
    count(*) / sum(count(*)) over (partition by split) as share, -- of the split
    avg(label) as label_rate -- share of label 1
from samples
left join train_users on samples.user_id = train_users.user_id
left join train_items on samples.item_id = train_items.item_id
where split <> 'train'
group by split, is_new_user, is_cold_item
order by split desc, is_new_user, is_cold_item -- valid before test
