-- encode/given_texts: texts of a file, grouped by id.
-- grain   (row)
-- reads   texts(subject_id, row, text)

select
    subject_id,
    text
from texts
order by subject_id, row
