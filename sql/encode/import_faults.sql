-- encode/import_faults: unusable rows of imported vectors, in file order, each with its first fault.
-- grain   (file, row)
-- reads   given(file, row, id, number, vector): id as the file has it, number of the user or item in the run, null for one it lacks
-- params  $is_numbered  BOOLEAN, whether a dictionary numbers the ids; else they are integers
-- audits  none

with first_width as (
    select len(vector) as first_width
    from given
    where len(vector) > 0
    order by file, row
    limit 1
),

placed as (
    select
        *,
        len(vector) as width,
        -- Neither null nor NaN nor beyond what a FLOAT holds.
        list_position(
            list_transform(vector, lambda x: coalesce(abs(x) <= 3.4028234663852886e38, false)), false
        ) as bad_place,
        first_value(file) over same_id as first_file,
        first_value(row) over same_id as first_row,
        row_number() over same_id as copy
    from given
    window same_id as (partition by number, if(number is null, id, null) order by file, row)
),

judged as (
    select
        placed.*,
        first_width,
        case
            when id is null then 'no id'
            when number is null and not $is_numbered then 'large id'
            when coalesce(width, 0) = 0 then 'no vector'
            when width <> first_width then 'width'
            when bad_place > 0 then 'number'
            when copy > 1 then 'duplicate'
        end as fault
    from placed
    left join first_width on true
)

select
    fault,
    file,
    row, -- from 1
    id,
    width,
    first_width, -- of the first vector there is
    bad_place, -- from 1; 0 when all numbers are finite
    cast(vector[bad_place] as varchar) as bad_value,
    first_file, -- where the id is for the first time
    first_row
from judged
where fault is not null
order by file, row
