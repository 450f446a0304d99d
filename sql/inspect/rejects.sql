-- inspect/rejects: why source rows were rejected, most frequent first, each with an example.
-- grain   (source, reason)
-- reads   rejects(source, file, line, reason)
-- params  $top  BIGINT = 20, reasons shown

select
    source, -- interactions, items or users
    reason,
    count(*) as rows,
    count(distinct file) as files,
    arg_min(file, (file, line)) as first_file,
    arg_min(line, (file, line)) as first_line -- of that file; line of a text, row of a Parquet file
from rejects
group by source, reason
order by rows desc, source, reason
limit cast($top as bigint)
