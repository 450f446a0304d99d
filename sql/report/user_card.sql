-- report/user_card: attributes of one user.
-- grain   one row, or none when the user is not listed
-- reads   users(user_id, attributes)
-- params  $subject_id  the user
-- audits  none

select attributes
from users
where user_id = $subject_id
