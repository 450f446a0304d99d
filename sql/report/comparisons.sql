-- report/comparisons: each variant against Base, and knowledge against controls, on the same backbone and test rows.
-- grain   (backbone, variant, baseline)
-- reads   comparisons, results
-- params  none
-- audits  none

with roles as (
    select distinct
        variant,
        role
    from results
)

select
    comparisons.backbone,
    comparisons.variant,
    variants.role,
    comparisons.baseline,
    baselines.role as baseline_role,
    comparisons.seeds,
    comparisons.auc_lift,
    comparisons.auc_lift_low, -- null without resamples
    comparisons.auc_lift_high,
    comparisons.auc_relative,
    comparisons.logloss_change,
    comparisons.logloss_change_low, -- null without resamples
    comparisons.logloss_change_high,
    comparisons.logloss_relative,
    comparisons.resamples
from comparisons
inner join roles as variants on comparisons.variant = variants.variant
inner join roles as baselines on comparisons.baseline = baselines.variant
where comparisons.auc_lift is not null -- null when the test rows are all of one class
order by
    comparisons.backbone,
    variants.role, -- controls, knowledge
    comparisons.variant,
    baselines.role, -- base, controls
    comparisons.baseline
