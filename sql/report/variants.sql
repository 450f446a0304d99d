-- report/variants: what made every variant.
-- grain   variant, subject
-- reads   variants

select
    variant,
    subject,
    role,
    origin,
    vectors_of,
    deal,
    texts_of,
    imported_from,
    strategy,
    rounds,
    samples,
    actor_provider,
    actor_model,
    actor_sampling,
    reflector_provider,
    reflector_model,
    reflector_sampling,
    encoder,
    protocol
from variants
order by all
