-- ingest/rating_faults: the invalid lines of a rating file, each with its reason.
-- grain   one faulty line
-- reads   ratings_judged, where a column is null when its text is invalid (ingest/ratings_typed)
--         ratings_text(fault, content, c0 user, c1 item, c2 rating, c3 epoch seconds), all text, in file order
-- params  $first_line  BIGINT, line number of the first row in the file (2 where there is a header)
--         $min_rating, $max_rating  DOUBLE, stars

select
    typed.file_row + $first_line as line,
    coalesce(raw.content, concat_ws(' | ', raw.c0, raw.c1, raw.c2, raw.c3)) as content,
    case
        when raw.fault is not null then raw.fault
        when raw.c0 is null or raw.c1 is null or raw.c2 is null or raw.c3 is null
            then 'lacks one of its 4 fields (user, item, rating, time)'
        when typed.user_id is null
            then 'the user id ''' || raw.c0 || ''' is not an integer from 1 to 2147483647'
        when typed.item_id is null
            then 'the item id ''' || raw.c1 || ''' is not an integer from 1 to 2147483647'
        when try_cast(raw.c2 as double) is null
            then 'the rating ''' || raw.c2 || ''' is not a number'
        when typed.rating is null
            then 'the rating ' || raw.c2 || ' is outside ' || $min_rating || ' to ' || $max_rating
        else 'the time ''' || raw.c3 || ''' is not in seconds since 1970'
    end as reason
from ratings_judged as typed
inner join ratings_text as raw on typed.place = raw.rowid
where typed.user_id is null or typed.item_id is null or typed.rating is null or typed.ts is null
