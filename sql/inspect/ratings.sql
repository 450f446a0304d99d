-- inspect/ratings: how often each rating was given, by label.
-- grain   (rating, label)
-- reads   interactions(rating, label)
-- params  $top  BIGINT = 20, most frequent ratings shown

with counts as (
    select
        rating,
        label,
        count(*) as interactions,
        sum(count(*)) over (partition by rating) as rating_interactions
    from interactions
    group by rating, label
),

ranked as (
    select
        *,
        dense_rank() over (order by rating_interactions desc, rating) as place
    from counts
)

select
    cast(rating as double) as rating, -- in the source's stars
    label, -- 1 liked, 0 not
    interactions
from ranked
where place <= cast($top as bigint)
order by rating, label
