-- train/user_vectors: the knowledge vector of every user that has one.
-- grain   (user_id)
-- reads   user_embeddings(user_id, vector)

select
    user_id as id,
    vector
from user_embeddings
where vector is not null
order by user_id
