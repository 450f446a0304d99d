-- source/reject_reasons: number of rows left out per reason, and the first of them.
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
