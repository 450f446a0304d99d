-- report/finetune_eval: answers to held-out prompts, by the base model and by the model with its adapter.
-- grain   (subject, role, model)
-- reads   finetune_eval
-- params  none
-- audits  none

with judged as (
    select
        *,
        status = 'read' as is_read,
        expected = 'unreasonable' as is_positive,
        coalesce(judgement = 'unreasonable', false) as is_found
    from finetune_eval
)

select
    subject,
    role,
    model,
    count(*) as answers,
    avg(is_read::integer) as readable,
    avg(coalesce(judgement = expected, false)::integer) filter (where expected is not null) as accuracy,
    count(*) filter (where is_positive and is_found) / nullif(count(*) filter (where is_found), 0) as "precision",
    count(*) filter (where is_positive and is_found) / nullif(count(*) filter (where is_positive), 0) as recall,
    avg(words) filter (where words > 0) as mean_words,
    avg(names_target::integer) as leaked
from judged
group by subject, role, model
order by subject desc, role, model desc -- users first, base before adapter
