-- report/variant_makers: what made the vectors of every trained variant.
-- grain   (variant, subject)
-- reads   variants
-- params  none
-- audits  none

select
    variant,
    subject,
    role,
    origin,
    strategy,
    rounds,
    samples,
    actor_provider,
    actor_model,
    reflector_model,
    encoder
from variants
where role <> 'texts'
order by variant, subject
