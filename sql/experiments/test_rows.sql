-- experiments/test_rows: how many test rows a run has, and a fingerprint that is the same in another run exactly when these are.
-- grain   one row
-- reads   samples(user_id, rn, item_id, label, ts, split)
-- params  none
-- audits  none

select
    count(*) as rows,
    count(distinct user_id) as users,
    -- The run's own number of the user is part of it: models' rows are in its order.
    cast(
        sum(
            cast(
                hash(
                    user_id,
                    rn,
                    cast(source_user_id(user_id) as varchar),
                    cast(source_item_id(item_id) as varchar),
                    epoch_us(ts),
                    label
                ) as hugeint
            )
        ) as varchar
    ) as fingerprint -- null without rows
from samples
where split = 'test'
