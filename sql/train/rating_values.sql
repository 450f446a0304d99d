-- train/rating_values: every rating value that occurs in a history.
-- grain   (rating)
-- reads   samples(history_ratings)

with history as (
    select unnest(history_ratings) as rating
    from samples
)

select distinct rating -- stars
from history
where rating is not null
order by rating
