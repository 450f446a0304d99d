-- knowledge/user_contexts: what the actor reads about each user, in the order knowledge is written.
-- grain   user_id
-- reads   user_contexts(user_id, history_items, history_ratings)

select
    user_id,
    history_items,
    history_ratings
from user_contexts
order by user_id
