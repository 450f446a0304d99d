-- experiments/model_predictions: one model's predictions for the test rows, in an order shared by all models.
-- grain   (user_id, rn)
-- reads   predictions(backbone, variant, trial, seed, user_id, rn, label, probability)
-- params  $backbone  VARCHAR
--         $variant   VARCHAR
--         $trial     INTEGER
--         $seed      INTEGER

select
    user_id,
    rn,
    label, -- 0 or 1
    probability
from predictions
where backbone = $backbone
    and variant = $variant
    and trial = $trial
    and seed = $seed
order by user_id, rn
