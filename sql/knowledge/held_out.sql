-- knowledge/held_out: rows that no adapter was trained on, at most so many, drawn by a hash of what they are about.
-- grain   (task, subject_id, sample) of subject and role
-- reads   sft_reason, sft_refine, sft_reflect
-- params  $subject  VARCHAR, user or item
--         $role     VARCHAR, actor or reflector
--         $most     INTEGER, rows
-- audits  none

with lessons as (
    select 'actor' as role, 'reason' as task, subject, subject_id, sample, split, messages, prompt_version, null as judgement
    from sft_reason
    union all
    select 'actor' as role, 'refine' as task, subject, subject_id, sample, split, messages, prompt_version, null as judgement
    from sft_refine
    union all
    select 'reflector' as role, 'reflect' as task, subject, subject_id, sample, split, messages, prompt_version, judgement
    from sft_reflect
),

drawn as (
    select *
    from lessons
    where subject = $subject and role = $role and split = 'valid'
    order by md5(concat_ws(':', task, subject_id, sample)), task, subject_id, sample
    limit cast($most as bigint)
)

select task, subject_id, sample, messages, prompt_version, judgement
from drawn
order by task, subject_id, sample
