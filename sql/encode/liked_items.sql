-- encode/liked_items: the items each less active user liked in the context, latest first.
-- grain   (user_id, places_before_last)
-- reads   user_contexts(user_id, history_items, history_ratings), user_tiers(user_id, is_active)
-- params  $positive_above  DOUBLE, stars; a rating above it counts as liked

with rated as (
    select
        user_id,
        unnest(history_items) as item_id,
        unnest(history_ratings) as rating,
        len(history_items) - generate_subscripts(history_items, 1) as places_before_last
    from user_contexts
    where user_id in (select user_id from user_tiers where not is_active)
)

select
    user_id,
    item_id,
    cast(places_before_last as integer) as places_before_last -- 0 for the last item rated, liked or not
from rated
where rating > $positive_above
order by user_id, places_before_last
