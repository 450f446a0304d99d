-- report/slices: the selected trials on each part of the test split that has rows: means over seeds, with the lift over Base.
-- grain   (backbone, variant, slice, bucket)
-- reads   slices, slice_comparisons, selections, results
-- params  none
-- audits  none

with roles as (
    select distinct
        variant,
        role
    from results
),

means as (
    select
        slices.backbone,
        slices.variant,
        roles.role,
        slices.slice,
        slices.bucket,
        any_value(slices.rows) as rows, -- of the same rows in all models
        any_value(slices.positives) as positives,
        avg(slices.auc) as auc, -- null when the rows are all of one class
        avg(slices.logloss) as logloss
    from slices
    inner join selections
        on slices.backbone = selections.backbone
        and slices.variant = selections.variant
        and slices.trial = selections.trial
    inner join roles on slices.variant = roles.variant
    where selections.is_selected and slices.rows > 0
    group by slices.backbone, slices.variant, roles.role, slices.slice, slices.bucket
)

select
    means.backbone,
    means.variant,
    means.role,
    means.slice,
    means.bucket,
    means.rows,
    means.positives,
    means.auc,
    means.logloss,
    means.auc - bases.auc as auc_lift, -- 0 for Base; null without Base, and where auc is
    compared.auc_lift_low, -- null for Base, without resamples, and in runs of earlier versions
    compared.auc_lift_high,
    compared.auc_p,
    compared.auc_p_holm -- corrected for all pairs and buckets of the slice
from means
left join means as bases
    on means.backbone = bases.backbone
    and means.slice = bases.slice
    and means.bucket = bases.bucket
    and bases.role = 'base'
left join slice_comparisons as compared
    on means.backbone = compared.backbone
    and means.variant = compared.variant
    and bases.variant = compared.baseline
    and means.slice = compared.slice
    and means.bucket = compared.bucket
order by
    means.backbone,
    means.slice,
    list_position(['cold', 'tail', 'head', 'new', 'low', 'mid', 'high'], means.bucket),
    means.role, -- base, controls, knowledge
    means.variant
