-- knowledge/item_contexts: what the actor reads about each item, in the order knowledge is written.
-- grain   item_id
-- reads   item_contexts(item_id, liker_id, liker_items, liker_ratings, disliker_id, disliker_items, disliker_ratings)

select
    item_id,
    liker_id,
    liker_items,
    liker_ratings,
    disliker_id,
    disliker_items,
    disliker_ratings
from item_contexts
order by item_id
