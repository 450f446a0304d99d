-- source/weight_range: totals of the weights of the kept interactions.
-- grain   one row
-- reads   source_interactions(weight)
-- params  none

select
    min(weight) as least,
    max(weight) as most,
    avg(weight) as mean,
    count(*) filter (where weight = 0) as zeros -- rows that do not count in training
from source_interactions
