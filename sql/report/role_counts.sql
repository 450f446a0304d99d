-- report/role_counts: interactions by their role under the protocol.
-- grain   role
-- reads   timeline(role)
-- params  none
-- audits  none

select
    role,
    count(*) as rows
from timeline
group by role
order by list_position(['context', 'train', 'valid', 'test', 'gap', 'dropped'], role), role
