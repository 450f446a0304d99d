-- audits/splits_in_time_order: training rows precede validation and test rows, and validation rows precede test rows.
-- Holds for the global cuts of leakfree and paper; reference splits each user separately and has no such order.
-- grain   one pair of splits that overlaps in time
-- reads   samples
-- params  $protocol  VARCHAR

with spans as (
    select
        split,
        min(ts) as first_ts,
        max(ts) as last_ts,
        case split when 'train' then 1 when 'valid' then 2 else 3 end as place
    from samples
    group by split
)

select
    early.split as early_split,
    late.split as late_split,
    early.last_ts,
    late.first_ts
from spans as early
inner join spans as late on early.place < late.place and early.last_ts >= late.first_ts
where $protocol <> 'reference'
