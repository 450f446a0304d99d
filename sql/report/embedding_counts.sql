-- report/embedding_counts: how many vectors there are and how long the texts behind them were.
-- grain   (subject, encoder)
-- reads   user_embeddings, item_embeddings
-- params  none
-- audits  none

with vectors as (
    select 'user' as subject, encoder, vector, tokens from user_embeddings
    union all
    select 'item' as subject, encoder, vector, tokens from item_embeddings
)

select
    subject,
    encoder,
    count(*) as vectors,
    max(len(vector)) as dimensions,
    avg(tokens) as mean_tokens,
    max(tokens) as max_tokens
from vectors
group by subject, encoder
order by subject desc, encoder -- users first
