-- inspect/slices: the selected models on parts of the test split, by how often item or user occurs in training; means over seeds.
-- grain   (backbone, slice, bucket, variant)
-- reads   slices, selections
-- params  none

with means as (
    select
        slices.backbone,
        slices.variant,
        slices.slice,
        slices.bucket,
        any_value(slices.rows) as rows, -- the same rows in every model
        avg(slices.auc) as auc,
        avg(slices.logloss) as logloss
    from slices
    inner join selections
        on slices.backbone = selections.backbone
        and slices.variant = selections.variant
        and slices.trial = selections.trial
    where selections.is_selected
    group by slices.backbone, slices.variant, slices.slice, slices.bucket
)

select
    means.backbone,
    means.slice, -- items or users
    means.bucket, -- items: cold, tail or head; users: new, low, mid or high
    means.variant,
    means.rows,
    means.auc, -- null when the rows are all of one class
    means.auc - bases.auc as auc_lift, -- over base; null where there is no base
    means.logloss -- nats
from means
left join means as bases
    on means.backbone = bases.backbone
    and means.slice = bases.slice
    and means.bucket = bases.bucket
    and bases.variant = 'base'
order by
    means.backbone,
    means.slice,
    list_position(['cold', 'tail', 'head', 'new', 'low', 'mid', 'high'], means.bucket),
    means.variant <> 'base', -- base first
    means.variant
