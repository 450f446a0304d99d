-- report/comparisons: each variant against Base on the same backbone and test rows.
-- grain   (backbone, variant)
-- reads   comparisons
-- params  none
-- audits  none

select
    backbone,
    variant,
    seeds,
    auc_lift,
    auc_lift_low,
    auc_lift_high,
    auc_relative,
    logloss_relative,
    resamples
from comparisons
where baseline = 'base'
order by backbone, variant
