-- inspect/leak_audits: the rules that no row may break, and how many rows each was checked on.
-- grain   audit
-- reads   audits(audit, about, rows_checked, violations)
-- params  none

select
    audit, -- file name in sql/audits
    about,
    rows_checked,
    violations -- 0, or the run would have stopped
from audits
order by audit
