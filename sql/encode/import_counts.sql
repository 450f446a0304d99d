-- encode/import_counts: number of imported vectors, and of those whose user or item is in the run.
-- grain   one row
-- reads   given(id), known(id)
-- audits  none

select
    count(*) as rows,
    count(known.id) as known_rows
from given
left join known using (id)
