-- encode/import_counts: number of imported vectors, and of those whose user or item is in the run.
-- grain   one row
-- reads   given(file, row, id, number), known(number)
-- audits  none

select
    count(*) as rows,
    count(known.number) as known_rows,
    arg_min(given.id, (file, row)) as first_id, -- as the file has it
    arg_min(file, (file, row)) as first_file,
    arg_min(row, (file, row)) as first_row
from given
left join known on given.number = known.number
