-- encode/import_counts: how many vectors are given by path, and for how many of them the run has the user or item.
-- grain   one row
-- reads   given(id), known(id)
-- audits  none

select
    count(*) as rows,
    count(known.id) as known_rows
from given
left join known using (id)
