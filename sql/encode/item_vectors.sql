-- encode/item_vectors: the knowledge vector of every item that has one.
-- grain   item_id
-- reads   item_embeddings(item_id, vector)

select
    item_id,
    vector
from item_embeddings
where vector is not null
order by item_id
