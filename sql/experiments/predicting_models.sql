-- experiments/predicting_models: the trained models that have predictions.
-- grain   (backbone, variant, trial, seed)
-- reads   predictions(backbone, variant, trial, seed)

select distinct
    backbone,
    variant,
    trial,
    seed
from predictions
order by backbone, variant, trial, seed
