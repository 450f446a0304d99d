-- train/user_encoders: the encoders that made the users' knowledge vectors; usually one.
-- grain   (encoder)
-- reads   user_embeddings(encoder, vector)

select distinct encoder
from user_embeddings
where vector is not null
    and encoder is not null
order by encoder
