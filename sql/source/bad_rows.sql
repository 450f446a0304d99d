-- source/bad_rows: the bad rows, each with its reason, shown as safe text of at most 200 characters.
-- grain   (file_index, line)
-- reads   judged_rows(file_index, line, reason, content)
-- params  none

select
    file_index,
    line,
    reason,
    regexp_replace(left(content, 200), '[[:cntrl:]]', '�', 'g') as content
from judged_rows
where reason is not null
