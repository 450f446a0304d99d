-- experiments/written_texts: the versions of prompts or rules that each variant's texts were written by.
-- grain   variant, subject
-- reads   user_knowledge(variant, prompt_version), item_knowledge(variant, prompt_version)

select
    variant,
    'user' as subject,
    list(distinct prompt_version order by prompt_version) as prompt_versions
from user_knowledge
group by variant
union all
select
    variant,
    'item' as subject,
    list(distinct prompt_version order by prompt_version) as prompt_versions
from item_knowledge
group by variant
