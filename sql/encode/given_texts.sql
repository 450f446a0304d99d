-- encode/given_texts: texts of a file, those of one id next to each other.
-- grain   (row)
-- reads   texts(subject_id, row, text)

select
    subject_id,
    text
from texts
order by subject_id, row
