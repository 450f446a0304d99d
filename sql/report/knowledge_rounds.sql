-- report/knowledge_rounds: what actor and reflector did in each round, for users and for items.
-- grain   (subject, round)
-- reads   user_knowledge, item_knowledge
-- params  none
-- audits  none

with entries as (
    select 'user' as subject, round, role, judgement, is_final, error from user_knowledge
    union all
    select 'item' as subject, round, role, judgement, is_final, error from item_knowledge
)

select
    subject,
    round,
    count(*) filter (where role = 'actor' and error is null) as texts, -- first texts in round 0, refined ones after
    count(*) filter (where role = 'reflector' and judgement = 'reasonable') as reasonable,
    count(*) filter (where role = 'reflector' and judgement = 'unreasonable') as unreasonable,
    count(*) filter (where is_final) as final_texts,
    count(*) filter (where error is not null) as errors
from entries
group by subject, round
order by subject desc, round -- users first
