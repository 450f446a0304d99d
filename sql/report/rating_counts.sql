-- report/rating_counts: how often each rating was given, and whether it counts as a like.
-- grain   (rating, label)
-- reads   interactions(rating, label)
-- params  none
-- audits  none

select
    cast(rating as double) as rating, -- stars
    label,
    count(*) as interactions
from interactions
group by rating, label
order by rating, label
