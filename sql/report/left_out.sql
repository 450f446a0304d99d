-- report/left_out: source rows that did not become interactions, by step and reason, in the order of the steps.
-- grain   (step, reason)
-- reads   ingest_counts(place, step, reason, rows), empty if the source leaves nothing out
-- params  none

select
    step,
    reason,
    rows
from ingest_counts
where step not in ('read', 'kept', 'long item')
order by place
