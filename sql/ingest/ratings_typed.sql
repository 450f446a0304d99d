-- ingest/ratings_typed: the ratings with types; null where the text is invalid.
-- grain   one line
-- reads   ratings_text(user_id, item_id, rating, epoch_s), all text, in file order
-- params  $min_rating, $max_rating  DOUBLE, stars

with typed as (
    select
        -- A cast alone would round '1.5' to user 2.
        if(contains(user_id, '.'), null, try_cast(user_id as integer)) as user_id,
        if(contains(item_id, '.'), null, try_cast(item_id as integer)) as item_id,
        try_cast(rating as double) as rating,
        try_cast(epoch_s as bigint) as epoch_s
    from ratings_text
)

select
    if(user_id > 0, user_id, null) as user_id,
    if(item_id > 0, item_id, null) as item_id,
    if(rating between $min_rating and $max_rating, rating, null) as rating,
    if(epoch_s between 0 and 32503680000, make_timestamp(epoch_s * 1000000), null) as ts
from typed
