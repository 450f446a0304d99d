-- train/item_encoders: what made the knowledge vectors of items; as a rule one encoder.
-- grain   (encoder)
-- reads   item_embeddings(encoder, vector)

select distinct encoder
from item_embeddings
where vector is not null
    and encoder is not null
order by encoder
