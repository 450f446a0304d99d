-- construct/drop_counts: number of the teacher's samples per route, and why samples were dropped.
-- grain   (subject, route, drop_reason)
-- reads   construction

select
    subject,
    route,
    drop_reason, -- null where kept
    count(*) as samples
from construction
group by subject, route, drop_reason
order by subject, route, drop_reason
