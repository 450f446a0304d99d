-- inspect/embedding_coverage: users and items that have a vector, with the test rows they cover.
-- grain   (variant, encoder, subject)
-- reads   user_embeddings(user_id, variant, encoder, vector), item_embeddings(item_id, variant, encoder, vector), users(user_id), items(item_id), samples(split, user_id, item_id)
-- params  none

with vectors as (
    select 'user' as subject, user_id as id, variant, encoder, len(vector) as width from user_embeddings
    union all
    select 'item', item_id, variant, encoder, len(vector) from item_embeddings
),

test_rows as (
    select 'user' as subject, user_id as id, count(*) as rows
    from samples
    where split = 'test'
    group by user_id
    union all
    select 'item', item_id, count(*)
    from samples
    where split = 'test'
    group by item_id
),

totals as (
    select
        'user' as subject,
        (select count(*) from users) as subjects,
        (select count(*) from samples where split = 'test') as test_rows
    union all
    select 'item', (select count(*) from items), (select count(*) from samples where split = 'test')
)

select
    vectors.variant, -- variant that reads the vectors
    vectors.encoder,
    vectors.subject, -- user or item
    count(*) as vectors,
    max(vectors.width) as dimensions,
    count(*) / nullif(any_value(totals.subjects), 0) as subject_share, -- of all users or items
    coalesce(sum(test_rows.rows), 0) / nullif(any_value(totals.test_rows), 0) as test_share -- of the test rows; null without any
from vectors
inner join totals on vectors.subject = totals.subject
left join test_rows on vectors.subject = test_rows.subject and vectors.id = test_rows.id
group by vectors.variant, vectors.encoder, vectors.subject
order by vectors.variant, vectors.encoder, vectors.subject desc -- users first
