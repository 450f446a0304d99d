-- encode/user_texts: the knowledge texts to encode, grouped by user.
-- grain   (user_id, sample)
-- reads   user_knowledge(user_id, sample, text, is_final, error)
-- params  none
-- audits  none

select
    user_id as subject_id,
    text
from user_knowledge
where is_final and error is null
order by user_id, sample
