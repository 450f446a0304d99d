-- audits/item_stats_from_train: item statistics are computed from training rows only; no validation or test label is in them.
-- grain   one item whose statistics differ from those of its training rows
-- reads   item_stats, samples
-- params  none

with expected as (
    select
        item_id,
        count(*) as interactions,
        avg(rating) as mean_rating,
        avg(label) as label_rate
    from samples
    where split = 'train'
    group by item_id
)

select
    item_stats.item_id,
    item_stats.interactions,
    expected.interactions as expected_interactions,
    item_stats.label_rate,
    expected.label_rate as expected_label_rate
from item_stats
left join expected using (item_id)
where
    expected.item_id is null
    or item_stats.interactions <> expected.interactions
    or abs(item_stats.mean_rating - expected.mean_rating) > 1e-6
    or abs(item_stats.label_rate - expected.label_rate) > 1e-6
