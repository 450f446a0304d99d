-- inspect/slice_pairs: variants against one of them on parts of the test split: lift, interval, p-values.
-- grain   (backbone, variant, baseline, slice, bucket)
-- reads   slice_comparisons
-- params  $baseline  VARCHAR = base, the variant that those after it are compared with

select
    backbone,
    variant,
    baseline,
    slice, -- items or users
    bucket, -- items: cold, tail or head; users: new, low, mid or high
    rows,
    auc_lift, -- null when the rows are all of one class
    auc_lift_low, -- 2.5 % and 97.5 % of the paired bootstrap by user
    auc_lift_high,
    auc_p, -- two-sided, of this row alone
    auc_p_holm, -- corrected for all pairs and buckets of the slice on the backbone
    logloss_change -- nats
from slice_comparisons
where baseline = $baseline
order by
    backbone,
    variant,
    baseline,
    slice,
    list_position(['cold', 'tail', 'head', 'new', 'low', 'mid', 'high'], bucket)
