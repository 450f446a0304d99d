-- experiments/model_predictions: what one trained model gave the test rows, in an order all models share.
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
