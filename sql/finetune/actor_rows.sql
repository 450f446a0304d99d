-- finetune/actor_rows: what an actor is fine-tuned on: reasoning, then refinement.
-- grain   (task, subject_id, sample) of the subject
-- reads   sft_reason, sft_refine; the latter is empty where only reasoning is taught
-- params  $subject  VARCHAR, user or item
-- audits  none

with lessons as (
    select 'reason' as task, subject, subject_id, sample, messages, completion, split from sft_reason
    union all
    select 'refine' as task, subject, subject_id, sample, messages, completion, split from sft_refine
)

select task, subject_id, sample, messages, completion, split
from lessons
where subject = $subject
order by task, subject_id, sample
