-- samples/samples: the CTR rows, each with the latest events of its user's history.
-- A history ends at history_rn: before the row itself and, under leakfree, before all rows of its instant. The first row of an instant
-- looks back and the others reuse what it found. Rows of the previous user that it found are cut off.
-- grain   (user_id, rn)
-- reads   timeline, in order of user_id and rn; the macros lags(x), for $history events, and of_instant(x);
--         insertion order preserved
-- params  $history                  BIGINT, maximum number of events in a history
--         $first_user, $last_user  INTEGER, the range of users, both included

with first_of_instant as (
    select
        *,
        if(history_rn = rn - 1, lags(item_id), null) as lagged_items,
        if(history_rn = rn - 1, lags(rating), null) as lagged_ratings
    from timeline
    where user_id between $first_user and $last_user
),

looked_back as (
    select
        *,
        greatest(1, $history - history_rn + 1) as start,
        of_instant(lagged_items) as last_items,
        of_instant(lagged_ratings) as last_ratings
    from first_of_instant
)

select
    user_id,
    rn,
    item_id,
    rating,
    label,
    columns('^(ts|weight)$'), -- weight only where there is one
    role as split,
    if(start = 1, last_items, last_items[start:]) as history_items,
    if(start = 1, last_ratings, last_ratings[start:]) as history_ratings
from looked_back
where role in ('train', 'valid', 'test')
