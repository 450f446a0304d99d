-- report/embedding_counts: how many vectors there are and how long the texts behind them were.
-- grain   (subject, encoder, origin)
-- reads   user_embeddings, item_embeddings
-- params  none
-- audits  none

with vectors as (
    select 'user' as subject, encoder, origin, vector, tokens from user_embeddings
    union all
    select 'item' as subject, encoder, 'text' as origin, vector, tokens from item_embeddings
)

select
    subject,
    encoder,
    origin, -- text, or for less active users liked items
    count(*) as vectors,
    max(len(vector)) as dimensions,
    avg(tokens) as mean_tokens, -- null where no text was encoded
    max(tokens) as max_tokens
from vectors
group by subject, encoder, origin
order by subject desc, encoder, origin desc -- users first
