-- encode/item_vector_widths: number of item vectors by encoder, its hash and width; a run has one encoder.
-- grain   (encoder, encoder_hash, width)
-- reads   item_embeddings(encoder, encoder_hash, vector)

select
    encoder,
    encoder_hash, -- null when it is not known
    cast(len(vector) as integer) as width,
    cast(count(*) as integer) as vectors
from item_embeddings
where vector is not null
group by encoder, encoder_hash, len(vector)
order by encoder, encoder_hash, width
