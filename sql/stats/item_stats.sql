-- stats/item_stats: three statistics of each item's training rows.
-- grain   item_id
-- reads   timeline(item_id, rating, label, role)
-- audits  item_stats_from_train

select
    item_id,
    cast(count(*) as integer) as interactions,
    avg(rating) as mean_rating, -- stars
    avg(label) as label_rate -- 0 to 1
from timeline
where role = 'train'
group by item_id
