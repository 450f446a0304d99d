-- source/duplicate_rows: rows to drop because they repeat an event, of the users of one bucket; one row per event is kept.
-- grain   file_row
-- reads   source_events(file_row, user_id, item_id, rating, ts)
-- params  $keep     VARCHAR, first, last or max: which row is kept; max is the best rated, and of those the first
--         $bucket   INTEGER, 0 to buckets - 1
--         $buckets  INTEGER

with events as (
    select *
    from source_events
    where user_id % $buckets = $bucket
),

repeated as (
    select
        user_id,
        item_id,
        ts
    from events
    group by user_id, item_id, ts
    having count(*) > 1
),

ranked as (
    select
        file_row,
        row_number() over (
            partition by user_id, item_id, ts
            order by if($keep = 'max', -rating, 0), if($keep = 'last', -file_row, file_row)
        ) as nth
    from events
    semi join repeated using (user_id, item_id, ts)
)

select file_row
from ranked
where nth > 1
