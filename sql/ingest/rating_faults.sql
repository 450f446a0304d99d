-- ingest/rating_faults: the first lines that are no valid rating, each with its reason.
-- grain   one faulty line
-- reads   ratings_text(user_id, item_id, rating, epoch_s), all text, in file order
-- params  $first_line  BIGINT, line number of the first row in the file (2 where there is a header)
--         $min_rating, $max_rating  DOUBLE, stars
--         $limit  BIGINT, how many to show

with reasons as (
    select
        rowid + $first_line as line,
        concat_ws(' | ', user_id, item_id, rating, epoch_s) as content,
        case
            when user_id is null or item_id is null or rating is null or epoch_s is null
                then 'has fewer than 4 fields (user, item, rating, time)'
            when try_cast(user_id as integer) is null or try_cast(user_id as integer) < 1
                then 'the user id ''' || user_id || ''' is not a positive integer'
            when try_cast(item_id as integer) is null or try_cast(item_id as integer) < 1
                then 'the item id ''' || item_id || ''' is not a positive integer'
            when try_cast(rating as double) is null
                then 'the rating ''' || rating || ''' is not a number'
            when not try_cast(rating as double) between $min_rating and $max_rating
                then 'the rating ' || rating || ' is outside ' || $min_rating || ' to ' || $max_rating
            when try_cast(epoch_s as bigint) is null or not try_cast(epoch_s as bigint) between 0 and 32503680000
                then 'the time ''' || epoch_s || ''' is not in seconds since 1970'
        end as reason
    from ratings_text
)

select
    line,
    content,
    reason
from reasons
where reason is not null
order by line
limit $limit
