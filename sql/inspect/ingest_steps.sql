-- inspect/ingest_steps: what became of the interactions' rows on their way from the source, step by step.
-- grain   place
-- reads   ingest_counts(place, step, reason, rows)
-- params  none

select
    place, -- order of the steps
    step, -- read, what left rows out, kept
    reason, -- why the step left them out; empty for read and kept
    rows,
    rows / nullif(sum(rows) filter (where step = 'read') over (), 0) as share -- of the rows read
from ingest_counts
order by place
