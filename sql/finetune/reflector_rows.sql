-- finetune/reflector_rows: what a reflector is fine-tuned on.
-- grain   (subject_id, sample) of the subject
-- reads   sft_reflect
-- params  $subject  VARCHAR, user or item
-- audits  none

select 'reflect' as task, subject_id, sample, messages, completion, split
from sft_reflect
where subject = $subject
order by subject_id, sample
