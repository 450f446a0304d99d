-- inspect/cost_by_stage: calls, tokens, cost and time of all prompts, by stage, subject, role, task and model.
-- grain   (stage, subject, role, task, model)
-- reads   requests
-- params  none

select
    case role when 'teacher' then 'construct' when 'encoder' then 'encode' else 'knowledge' end as stage,
    subject, -- user or item
    role, -- actor, reflector, teacher or encoder
    task,
    model,
    count(*) as calls,
    count(*) filter (where is_cached) as from_cache, -- of these, answered from the cache
    count(*) filter (where status <> 'ok') as not_ok, -- of these, without a usable answer
    cast(sum(prompt_tokens) as bigint) as prompt_tokens, -- null if no server reported them
    cast(sum(completion_tokens) as bigint) as completion_tokens,
    sum(cost_usd) as cost_usd, -- US dollars; null without a price
    median(latency_ms) as median_latency_ms,
    quantile_cont(latency_ms, 0.95) as p95_latency_ms
from requests
group by stage, subject, role, task, model
order by list_position(['construct', 'knowledge', 'encode'], stage), subject desc, role, task, model -- users first
