-- report/finetune_epochs: losses of each adapter by epoch; epoch 0 is the base model.
-- grain   (subject, role, epoch)
-- reads   finetune_log
-- params  none
-- audits  none

select subject, role, epoch, train_loss, valid_loss
from finetune_log
order by subject desc, role, epoch -- users first
