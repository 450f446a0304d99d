-- inspect/ingest_steps: source rows of interactions read, left out and kept, step by step.
-- grain   place
-- reads   ingest_counts(place, step, reason, rows)
-- params  none

select
    place, -- order of the steps
    step, -- read, the steps that left rows out, kept
    reason, -- why the step left them out; empty for read and kept
    rows,
    rows / nullif(sum(rows) filter (where step = 'read') over (), 0) as share -- of the rows read
from ingest_counts
where step <> 'long item'
order by place
