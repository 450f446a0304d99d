-- train/item_stat_vectors: mean rating, count and like rate of each item's training rows as a vector, each standardized over all items (mean 0, deviation 1).
-- grain   (item_id)
-- reads   item_stats(item_id, interactions, mean_rating, label_rate)

with measured as (
    select
        item_id as id,
        mean_rating,
        ln(interactions) as log_count,
        label_rate
    from item_stats
),

scales as (
    select
        avg(mean_rating) as rating_mean,
        stddev_pop(mean_rating) as rating_sd,
        avg(log_count) as count_mean,
        stddev_pop(log_count) as count_sd,
        avg(label_rate) as label_mean,
        stddev_pop(label_rate) as label_sd
    from measured
)

select
    id,
    cast([
        -- What is the same for all, but for rounding, says nothing.
        if(rating_sd < 1e-9, 0, (mean_rating - rating_mean) / rating_sd),
        if(count_sd < 1e-9, 0, (log_count - count_mean) / count_sd),
        if(label_sd < 1e-9, 0, (label_rate - label_mean) / label_sd)
    ] as float[]) as vector
from measured
cross join scales
order by id
