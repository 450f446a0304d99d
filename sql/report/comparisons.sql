-- report/comparisons: every two variants of a backbone on the same test rows.
-- grain   (backbone, variant, baseline)
-- reads   comparisons, results
-- params  none
-- audits  none

with roles as (
    select distinct
        variant,
        role
    from results
),

compared as (
    select * from comparisons
    union all by name
    select -- runs of earlier versions have no p-values
        null::double as auc_p,
        null::double as auc_p_holm,
        null::double as logloss_p,
        null::double as logloss_p_holm
    where false
)

select
    compared.backbone,
    compared.variant,
    variants.role,
    compared.baseline,
    baselines.role as baseline_role,
    compared.seeds,
    compared.auc_lift,
    compared.auc_lift_low, -- null without resamples
    compared.auc_lift_high,
    compared.auc_relative,
    compared.auc_p,
    compared.auc_p_holm, -- corrected for all pairs of the backbone
    compared.logloss_change,
    compared.logloss_change_low, -- null without resamples
    compared.logloss_change_high,
    compared.logloss_relative,
    compared.logloss_p,
    compared.logloss_p_holm,
    compared.resamples
from compared
inner join roles as variants on compared.variant = variants.variant
inner join roles as baselines on compared.baseline = baselines.variant
where compared.auc_lift is not null -- null when the test rows are all of one class
order by
    compared.backbone,
    variants.role, -- controls, knowledge
    compared.variant,
    baselines.role, -- base, controls
    compared.baseline
