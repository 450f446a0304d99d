-- report/audits: the leak audits of the run and what they found.
-- grain   audit
-- reads   audits(audit, about, rows_checked, violations)
-- params  none
-- audits  none

select
    audit,
    about,
    rows_checked,
    violations
from audits
order by audit
