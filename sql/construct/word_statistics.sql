-- construct/word_statistics: lengths of the fine-tuning texts, in words.
-- sft_reflect counts reflections only; positive judgements have none and are left out.
-- grain   (dataset, subject)
-- reads   sft_reason, sft_refine, sft_reflect

with texts as (
    select 'sft_reason' as dataset, subject, words from sft_reason
    union all
    select 'sft_refine', subject, words from sft_refine
    union all
    select 'sft_reflect', subject, words from sft_reflect where judgement = 'unreasonable'
)

select
    dataset,
    subject,
    count(*) as n,
    avg(words) as mean_words,
    quantile_cont(words, 0.1) as p10_words,
    quantile_cont(words, 0.5) as median_words,
    quantile_cont(words, 0.9) as p90_words,
    max(words) as most_words,
    avg(cast(words > 200 as integer)) as share_above_200 -- 200 words are what the prompts ask for at most
from texts
group by dataset, subject
order by dataset, subject
