-- report/models: every trained model and what it reached on the test split.
-- grain   (backbone, variant, seed)
-- reads   results
-- params  none
-- audits  none

select
    backbone,
    variant,
    seed,
    auc,
    logloss,
    best_epoch,
    epochs,
    selected_on,
    parameters,
    train_rows,
    valid_rows,
    test_rows,
    user_coverage,
    item_coverage,
    seconds
from results
order by backbone, variant <> 'base', variant, seed -- base first
