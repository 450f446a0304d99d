-- train/trained_models: what each trained model reached, with the rows it says it has scored.
-- grain   (backbone, variant, seed)
-- reads   results(backbone, variant, seed, auc, logloss, test_rows)

select
    backbone,
    variant,
    seed,
    auc, -- null when the test rows are all of one class
    logloss, -- nats
    test_rows as rows
from results
order by backbone, variant, seed
