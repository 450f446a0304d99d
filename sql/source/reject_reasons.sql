-- source/reject_reasons: how many rows are left out for each reason, and the first of them.
-- grain   (source, reason)
-- reads   source_rejects(source, file, line, reason, content)
-- params  none

select
    source,
    reason,
    count(*) as rows,
    arg_min(file, (file, line)) as first_file,
    arg_min(line, (file, line)) as first_line,
    arg_min(content, (file, line)) as first_content
from source_rejects
group by source, reason
order by source, rows desc, reason
