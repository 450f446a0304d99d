-- audits/user_context_before_samples: every event of a user's context precedes every sample of that user.
-- "Before" is: an earlier instant (leakfree), not a later instant (paper), not a later day (reference).
-- grain   one sample that breaks the rule
-- reads   samples, user_contexts
-- params  $protocol  VARCHAR

select
    samples.user_id,
    samples.rn,
    samples.ts,
    last_ts
from samples
inner join user_contexts on samples.user_id = user_contexts.user_id
where
    samples.rn <= len(user_contexts.history_items)
    or case $protocol
        when 'leakfree' then last_ts >= samples.ts
        when 'paper' then last_ts > samples.ts
        when 'reference' then cast(last_ts as date) > cast(samples.ts as date)
        else true
    end
