-- source/dropped_rows: valid rows left out, each with its reason.
-- grain   file_row
-- reads   dropped(file_row, reason)
--         source_checked(file_row, file_index, line, content)
-- params  none

select
    file_index,
    line,
    dropped.reason,
    regexp_replace(left(content, 200), '[[:cntrl:]]', '�', 'g') as content
from dropped
inner join source_checked using (file_row)
