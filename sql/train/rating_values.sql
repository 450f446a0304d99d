-- train/rating_values: every rating value that occurs in a history.
-- Each has an embedding. Ratings that are equal in 32 bits share one, because batches hold ratings in 32 bits.
-- grain   (rating)
-- reads   samples(history_ratings)
-- params  none

with history as (
    select unnest(history_ratings) as rating
    from samples
)

select min(rating) as rating -- stars
from history
where rating is not null
group by cast(rating as float)
order by rating
