-- report/knowledge_writers: who answered as actor and as reflector.
-- grain   (subject, role, provider, model, prompt_version)
-- reads   user_knowledge, item_knowledge
-- params  none
-- audits  none

with entries as (
    select 'user' as subject, role, provider, model, prompt_version from user_knowledge
    union all
    select 'item' as subject, role, provider, model, prompt_version from item_knowledge
)

select
    subject,
    role,
    provider,
    model,
    prompt_version,
    count(*) as answers
from entries
group by all
order by subject desc, role, provider, model, prompt_version -- users first
