-- inspect/knowledge_by_round: answers of actor and reflector in each round, and the texts that became final.
-- grain   (variant, subject, round)
-- reads   user_knowledge, item_knowledge
-- params  none

with entries as (
    select variant, 'user' as subject, round, role, text, judgement, is_final, error from user_knowledge
    union all
    select variant, 'item', round, role, text, judgement, is_final, error from item_knowledge
)

select
    variant, -- variant that reads the knowledge
    subject, -- user or item
    round, -- 0 = first reasoning; r = r-th refinement
    count(*) filter (where role = 'actor' and error is null) as texts,
    avg(len(text)) filter (where role = 'actor' and error is null) as mean_characters, -- of these; null without any
    count(*) filter (where judgement = 'reasonable') as reasonable,
    count(*) filter (where judgement = 'unreasonable') as unreasonable,
    count(*) filter (where judgement = 'reasonable')
    / nullif(count(*) filter (where judgement is not null), 0) as reasonable_share, -- null if nothing was judged
    count(*) filter (where is_final) as final_texts,
    count(*) filter (where error is not null) as failed -- prompts without a usable answer
from entries
group by variant, subject, round
order by variant, subject desc, round -- users first
