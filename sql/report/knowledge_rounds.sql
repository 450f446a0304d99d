-- report/knowledge_rounds: work of actor and reflector in each round, for users and for items, with its cost.
-- A text stands at the end of its round and of all later ones up to the next text of its subject.
-- grain   (variant, subject, round)
-- reads   user_knowledge, item_knowledge, requests
-- params  none
-- audits  none

with entries as (
    select variant, 'user' as subject, round, role, task, text, judgement, is_final, error, user_id as id, sample from user_knowledge
    union all
    select variant, 'item' as subject, round, role, task, text, judgement, is_final, error, item_id as id, sample from item_knowledge
),

judged as (
    select
        *,
        bool_or(judgement = 'reasonable') over (partition by variant, subject, id, sample, round) as is_reasonable
    from entries
),

answers as (
    select
        variant,
        subject,
        round,
        count(*) filter (where role = 'actor' and error is null) as texts, -- first texts in round 0, refined texts later
        count(*) filter (where role = 'reflector' and judgement = 'reasonable') as reasonable,
        count(*) filter (where role = 'reflector' and judgement = 'unreasonable') as unreasonable,
        count(*) filter (where is_final) as final_texts,
        -- Kept unjudged or, with knowledge.judgeLast, judged unreasonable, because no round was left.
        count(*) filter (where is_final and task = 'refine' and coalesce(not is_reasonable, true)) as exhausted,
        count(*) filter (where starts_with(error, 'unreadable')) as unreadable,
        count(*) filter (where not starts_with(error, 'unreadable')) as errors
    from judged
    group by variant, subject, round
),

texts as (
    select
        variant,
        subject,
        round,
        len(string_split_regex(trim(text), '\s+')) as words,
        coalesce(is_reasonable, false) as is_reasonable,
        coalesce(lead(round) over (partition by variant, subject, id, sample order by round), 1000000) as next_round
    from judged
    where role = 'actor' and error is null
),

standing as (
    select
        answers.variant,
        answers.subject,
        answers.round,
        avg(words) as mean_words,
        count(*) filter (where is_reasonable) / count(*) as reasonable_share
    from answers
    inner join texts
        on texts.variant = answers.variant
        and texts.subject = answers.subject
        and answers.round between texts.round and texts.next_round - 1
    group by answers.variant, answers.subject, answers.round
),

calls as (
    select
        variant,
        subject,
        round,
        count(*) as calls,
        sum(prompt_tokens) as prompt_tokens,
        sum(completion_tokens) as completion_tokens,
        sum(cached_tokens) as cached_tokens,
        sum(cost_usd) as cost_usd
    from requests
    where role in ('actor', 'reflector')
    group by variant, subject, round
)

select
    answers.*,
    mean_words, -- of the texts that stand at the end of the round; null without any
    -- Of these texts; null where none was judged in this round, as in the last one without knowledge.judgeLast.
    case when reasonable + unreasonable > 0 then reasonable_share end as reasonable_share,
    coalesce(calls, 0) as calls,
    prompt_tokens, -- null: no call, or not reported by the server
    completion_tokens,
    cached_tokens,
    cost_usd -- US dollars; null without a price
from answers
left join standing using (variant, subject, round)
left join calls using (variant, subject, round)
order by list_position(['r4ec', 'r2ec', 'kar'], variant), variant, subject desc, round -- users first
