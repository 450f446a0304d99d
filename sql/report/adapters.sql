-- report/adapters: the adapters that the run trained, with the time that their training took.
-- grain   (subject, role)
-- reads   adapters, finetune_log
-- params  none
-- audits  none

with times as (
    select subject, role, sum(seconds) as seconds
    from finetune_log
    group by subject, role
)

select
    subject,
    role,
    base,
    rank,
    train_rows,
    valid_rows,
    long_rows,
    best_epoch,
    valid_loss_before,
    valid_loss_after,
    parameters,
    tokens,
    stopped,
    coalesce(seconds, 0) as seconds
from adapters
left join times using (subject, role)
order by subject desc, role -- users first
