-- report/embedding_counts: number of vectors, and lengths of the texts they encode.
-- grain   (variant, subject, encoder, origin)
-- reads   user_embeddings, item_embeddings
-- params  none
-- audits  none

with vectors as (
    select variant, 'user' as subject, encoder, origin, vector, tokens from user_embeddings
    union all
    select variant, 'item' as subject, encoder, if(texts is null, 'file', 'text') as origin, vector, tokens from item_embeddings
)

select
    variant,
    subject,
    encoder,
    origin, -- text, for less active users liked items, or file
    count(*) as vectors,
    max(len(vector)) as dimensions,
    avg(tokens) as mean_tokens, -- null where no text was encoded
    max(tokens) as max_tokens
from vectors
group by variant, subject, encoder, origin
order by list_position(['r4ec', 'r2ec', 'kar'], variant), variant, subject desc, encoder, origin desc -- users first
