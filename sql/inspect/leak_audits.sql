-- inspect/leak_audits: the leak audits, with the rows checked and the violations found.
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
