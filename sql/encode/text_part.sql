-- encode/text_part: the texts of a range of ids.
-- grain   (row)
-- reads   given(row, subject_id, text)
-- params  $first_id, $last_id  INTEGER, the ids of this part, both included

select
    subject_id,
    row,
    text
from given
where subject_id between $first_id and $last_id
