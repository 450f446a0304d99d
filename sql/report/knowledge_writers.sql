-- report/knowledge_writers: the models that answered as actor and as reflector.
-- grain   (variant, subject, role, provider, model, prompt_version)
-- reads   user_knowledge, item_knowledge
-- params  none
-- audits  none

with entries as (
    select variant, 'user' as subject, role, provider, model, prompt_version from user_knowledge
    union all
    select variant, 'item' as subject, role, provider, model, prompt_version from item_knowledge
)

select
    variant,
    subject,
    role,
    provider,
    model,
    prompt_version,
    count(*) as answers
from entries
group by variant, subject, role, provider, model, prompt_version
order by list_position(['r4ec', 'r2ec', 'kar'], variant), variant, subject desc, role, provider, model, prompt_version -- users first
