-- report/audits: the run's leak audits and their findings.
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
