-- experiments/encoders_of_vectors: what encoded each variant's vectors.
-- grain   variant, subject
-- reads   user_embeddings(variant, encoder, encoder_hash), item_embeddings(variant, encoder, encoder_hash)

select
    variant,
    'user' as subject,
    min(encoder) as encoder,
    min(encoder_hash) as encoder_hash
from user_embeddings
group by variant
union all
select
    variant,
    'item' as subject,
    min(encoder) as encoder,
    min(encoder_hash) as encoder_hash
from item_embeddings
group by variant
