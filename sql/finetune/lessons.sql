-- finetune/lessons: the rows that one model learns from, about each user or item together.
-- An actor learns from sft_reason and, unless it is to reason alone, sft_refine; a reflector from sft_reflect.
-- grain   (source, subject_id, sample)
-- reads   sft_reason, sft_refine, sft_reflect
-- params  $subject         VARCHAR, user or item
--         $role            VARCHAR, actor or reflector
--         $is_reason_only  BOOLEAN, whether an actor learns to reason alone

with lessons as (
    select 'sft_reason' as source, 'actor' as role, subject, subject_id, sample, messages, completion, split, tokens from sft_reason
    union all
    select 'sft_refine', 'actor', subject, subject_id, sample, messages, completion, split, tokens from sft_refine
    union all
    select 'sft_reflect', 'reflector', subject, subject_id, sample, messages, completion, split, tokens from sft_reflect
)

select
    source,
    subject_id,
    sample,
    messages,
    completion,
    split,
    tokens
from lessons
where
    subject = $subject
    and role = $role
    and (source <> 'sft_refine' or not $is_reason_only)
order by subject_id, sample, source
