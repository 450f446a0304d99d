-- report/run_costs: what a run asked of language models and remote encoders, by who was asked.
-- grain   (role, model)
-- reads   requests
-- params  none
-- audits  none

select
    role,
    model,
    -- A row of an encoder is a text's share of a request.
    if(role = 'encoder', count(distinct key), count(*)) as requests,
    sum(prompt_tokens) as prompt_tokens, -- null: not reported by the server
    sum(completion_tokens) as completion_tokens,
    sum(cost_usd) as cost_usd, -- US dollars; null without a price
    bool_or(cost_usd is null and status = 'ok') as is_partly_unpriced
from requests
group by role, model
order by list_position(['actor', 'reflector', 'teacher', 'encoder'], role), role, model
