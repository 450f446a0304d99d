-- inspect/pairs: every two variants of a backbone on the same test rows, by metric: difference, interval, p-values.
-- grain   (backbone, metric, variant, baseline)
-- reads   comparisons
-- params  none

with compared as (
    select * from comparisons
    union all by name
    select -- runs of earlier versions have no p-values
        null::double as auc_p,
        null::double as auc_p_holm,
        null::double as logloss_p,
        null::double as logloss_p_holm
    where false
),

auc as (
    select
        backbone,
        'auc' as metric,
        variant,
        baseline,
        auc_lift as difference,
        auc_lift_low as low,
        auc_lift_high as high,
        auc_p as p,
        auc_p_holm as p_holm
    from compared
),

logloss as (
    select
        backbone,
        'logloss' as metric,
        variant,
        baseline,
        logloss_change as difference,
        logloss_change_low as low,
        logloss_change_high as high,
        logloss_p as p,
        logloss_p_holm as p_holm
    from compared
),

metrics as (
    select * from auc
    union all
    select * from logloss
)

select
    backbone,
    metric, -- auc: higher is better; logloss: lower, nats
    variant,
    baseline,
    difference, -- of variant minus baseline
    low, -- 2.5 % and 97.5 % of the paired bootstrap by user
    high,
    p, -- two-sided, of this pair alone
    p_holm -- corrected for all pairs of the backbone
from metrics
order by backbone, metric, variant, baseline
