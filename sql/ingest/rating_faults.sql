-- ingest/rating_faults: the first invalid lines of a rating file, each with its reason, and their total number.
-- grain   one faulty line
-- reads   ratings_judged, where a column is null when its text is invalid (ingest/ratings_typed)
--         ratings_text(user_id, item_id, rating, epoch_s), all text, in file order
-- params  $first_line  BIGINT, line number of the first row in the file (2 where there is a header)
--         $min_rating, $max_rating  DOUBLE, stars
--         $limit  BIGINT, number of lines to show

select
    typed.file_row + $first_line as line,
    concat_ws(' | ', raw.user_id, raw.item_id, raw.rating, raw.epoch_s) as content,
    case
        when raw.user_id is null or raw.item_id is null or raw.rating is null or raw.epoch_s is null
            then 'lacks one of its 4 fields (user, item, rating, time)'
        when typed.user_id is null
            then 'the user id ''' || raw.user_id || ''' is not an integer from 1 to 2147483647'
        when typed.item_id is null
            then 'the item id ''' || raw.item_id || ''' is not an integer from 1 to 2147483647'
        when try_cast(raw.rating as double) is null
            then 'the rating ''' || raw.rating || ''' is not a number'
        when typed.rating is null
            then 'the rating ' || raw.rating || ' is outside ' || $min_rating || ' to ' || $max_rating
        else 'the time ''' || raw.epoch_s || ''' is not in seconds since 1970'
    end as reason,
    count(*) over () as faults
from ratings_judged as typed
inner join ratings_text as raw on typed.file_row = raw.rowid
where typed.user_id is null or typed.item_id is null or typed.rating is null or typed.ts is null
order by typed.file_row
limit $limit
