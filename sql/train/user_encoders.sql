-- train/user_encoders: what made the knowledge vectors of users; as a rule one encoder.
-- grain   (encoder)
-- reads   user_embeddings(encoder, vector)

select distinct encoder
from user_embeddings
where vector is not null
    and encoder is not null
order by encoder
