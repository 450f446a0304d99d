-- inspect/lesson_lengths: rows of fine-tuning data and their tokens, for each model to be trained.
-- An actor learns from sft_reason and sft_refine, a reflector from sft_reflect.
-- grain   (subject, role)
-- reads   sft_reason(subject, subject_id, split, tokens, counted), sft_refine(subject, subject_id, split, tokens, counted),
--         sft_reflect(subject, subject_id, split, tokens, counted)
-- params  $limit  BIGINT = 2048, tokens of a row that a training takes at most

with lessons as (
    select 'actor' as role, subject, subject_id, split, tokens, counted from sft_reason
    union all
    select 'actor', subject, subject_id, split, tokens, counted from sft_refine
    union all
    select 'reflector', subject, subject_id, split, tokens, counted from sft_reflect
)

select
    subject, -- user or item
    role, -- actor or reflector
    count(*) as rows,
    count(*) filter (where split = 'valid') as valid_rows, -- not for training
    count(distinct subject_id) as subjects,
    avg(tokens) as mean_tokens,
    quantile_disc(tokens, 0.95) as p95_tokens,
    max(tokens) as most_tokens,
    count(*) filter (where tokens > $limit) as rows_over_limit,
    bool_or(counted = 'estimated') as is_estimated -- some tokens are estimated as one per four characters
from lessons
group by subject, role
order by subject desc, role -- users first
