-- report/training_curves: loss and validation AUC of every epoch.
-- grain   (backbone, variant, trial, seed, epoch)
-- reads   training_log
-- params  none
-- audits  none

select
    backbone,
    variant,
    trial,
    seed,
    epoch,
    train_loss,
    valid_auc
from training_log
order by backbone, variant <> 'base', variant, trial, seed, epoch -- base first
