-- encode/user_texts: the knowledge texts of each user that are encoded, those of one user next to each other.
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
