-- ingest/ratings_typed: the ratings with types; null where the text is invalid.
-- grain   one record; line is null where its place in the file tells it
-- reads   ratings_text(line, c0 user, c1 item, c2 rating, c3 epoch seconds), all text, in file order; null where the record has a fault
-- params  $min_rating, $max_rating  DOUBLE, stars

with typed as (
    select
        line,
        -- A cast alone would read '1.5' as user 2 and '1e3' as user 1000.
        if(regexp_full_match(c0, '\s*[0-9]+\s*'), try_cast(c0 as integer), null) as user_id,
        if(regexp_full_match(c1, '\s*[0-9]+\s*'), try_cast(c1 as integer), null) as item_id,
        try_cast(c2 as double) as rating,
        try_cast(c3 as bigint) as epoch_s
    from ratings_text
)

select
    line,
    if(user_id > 0, user_id, null) as user_id,
    if(item_id > 0, item_id, null) as item_id,
    if(rating between $min_rating and $max_rating, rating, null) as rating,
    if(epoch_s between 0 and 32503680000, make_timestamp(epoch_s * 1000000), null) as ts
from typed
