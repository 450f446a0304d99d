-- encode/user_texts: the knowledge text of each user that is encoded.
-- grain   user_id
-- reads   user_knowledge(user_id, text, is_final, error)
-- params  none
-- audits  none

select
    user_id as subject_id,
    text
from user_knowledge
where is_final and error is null
order by user_id
