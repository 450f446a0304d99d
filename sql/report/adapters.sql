-- report/adapters: the adapters of the run, with the time that their training took; those trained elsewhere have no rows they learned from.
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
    path,
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
