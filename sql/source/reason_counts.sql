-- source/reason_counts: number of rows per file and reason.
-- grain   (file_index, reason); a null reason: the valid rows
-- reads   judged_rows(file_index, reason)
-- params  none

select
    file_index,
    reason,
    count(*) as rows
from judged_rows
group by file_index, reason
order by reason, file_index
