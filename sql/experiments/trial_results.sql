-- experiments/trial_results: each trained model's scores on the splits that may select a trial.
-- grain   (backbone, variant, trial, seed)
-- reads   results(backbone, variant, trial, seed, role, selected_on, auc, logloss, valid_auc, valid_logloss, test_rows)

select
    backbone,
    variant,
    trial,
    seed,
    role, -- base, control or knowledge
    selected_on, -- valid, test or last
    auc, -- null when the test rows are all of one class
    logloss, -- nats
    valid_auc,
    valid_logloss, -- nats
    test_rows
from results
order by backbone, variant, trial, seed
