-- construct/drop_counts: how many of the teacher's samples went where, and why those dropped were.
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
