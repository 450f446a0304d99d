-- knowledge/adapters: where the run's own adapters for users or items are.
-- grain   (role) of the subject
-- reads   adapters, those that are needed
-- params  $subject  VARCHAR, user or item
-- audits  none

select role, path
from adapters
where subject = $subject
order by role
