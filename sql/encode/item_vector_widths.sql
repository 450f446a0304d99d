-- encode/item_vector_widths: how many item vectors there are, by encoder and width; a run has one encoder.
-- grain   (encoder, width)
-- reads   item_embeddings(encoder, vector)

select
    encoder,
    cast(len(vector) as integer) as width,
    cast(count(*) as integer) as vectors
from item_embeddings
where vector is not null
group by encoder, len(vector)
order by encoder, width
