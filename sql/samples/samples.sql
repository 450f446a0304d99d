-- samples/samples: the CTR rows, each with the last events of its user's history.
-- The frame ends at history_rn, which lies before rn by the row itself and, under leakfree, by all of its ties.
-- grain   (user_id, rn)
-- reads   timeline
-- params  $history                  BIGINT, events a history holds at most
--         $first_user, $last_user  INTEGER, the users of this part, both included

with with_history as (
    select
        *,
        list(item_id) over before_row as history_items,
        list(rating) over before_row as history_ratings
    from timeline
    where user_id between $first_user and $last_user
    window
        before_row as (
            partition by user_id order by rn
            rows between ($history + rn - 1 - history_rn) preceding and (rn - history_rn) preceding
        )
)

select
    user_id,
    rn,
    item_id,
    rating,
    label,
    ts,
    role as split,
    coalesce(history_items, []) as history_items,
    coalesce(history_ratings, []) as history_ratings
from with_history
where role in ('train', 'valid', 'test')
