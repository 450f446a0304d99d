-- encode/text_faults: the rows of a file of texts that cannot be encoded, and why.
-- grain   (row)
-- reads   given(row, id, text)

select
    row, -- from 1
    id, -- as the file has it
    case
        when id is null then 'no id'
        else 'no text'
    end as fault
from given
where id is null
    or not regexp_matches(coalesce(text, ''), '\S')
order by row
