-- train/item_encoders: the encoders that made the items' knowledge vectors; usually one.
-- grain   (encoder)
-- reads   item_embeddings(encoder, vector)

select distinct encoder
from item_embeddings
where vector is not null
    and encoder is not null
order by encoder
