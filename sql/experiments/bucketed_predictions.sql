-- experiments/bucketed_predictions: one model's predictions for the test rows, with the number of training rows of each row's item and user.
-- grain   (user_id, rn)
-- reads   samples(user_id, item_id, split)
--         predictions(backbone, variant, trial, seed, user_id, rn, item_id, label, probability)
-- params  $backbone  VARCHAR
--         $variant   VARCHAR
--         $trial     INTEGER
--         $seed      INTEGER

with train_rows as (
    select
        user_id,
        item_id
    from samples
    where split = 'train'
),

item_counts as (
    select
        item_id,
        count(*) as rows
    from train_rows
    group by item_id
),

item_shares as (
    select
        item_id,
        -- of all training rows, those of items with as few or fewer: equally popular items fall into the same bucket
        sum(rows) over (order by rows range between unbounded preceding and current row)
        / sum(rows) over () as share_up_to
    from item_counts
),

user_counts as (
    select
        user_id,
        count(*) as rows
    from train_rows
    group by user_id
),

user_thirds as (
    select
        quantile_disc(rows, 1 / 3) as low_rows,
        quantile_disc(rows, 2 / 3) as mid_rows
    from user_counts
)

select
    predictions.user_id,
    predictions.rn,
    predictions.label, -- 0 or 1
    predictions.probability,
    cast(case
        when item_shares.item_id is null then 0 -- cold
        when item_shares.share_up_to <= 0.2 then 1 -- tail
        else 2 -- head
    end as tinyint) as item_bucket,
    cast(case
        when user_counts.user_id is null then 0 -- new
        when user_counts.rows <= user_thirds.low_rows then 1 -- low
        when user_counts.rows <= user_thirds.mid_rows then 2 -- mid
        else 3 -- high
    end as tinyint) as user_bucket
from predictions
left join item_shares on predictions.item_id = item_shares.item_id
left join user_counts on predictions.user_id = user_counts.user_id
cross join user_thirds
where predictions.backbone = $backbone
    and predictions.variant = $variant
    and predictions.trial = $trial
    and predictions.seed = $seed
order by predictions.user_id, predictions.rn
