-- synth/interactions: a range of synthetic ratings in order of time; each row depends only on its number and the seed.
-- Four rows are one visit of a user, the last two at the same instant. Users' activity and items' popularity are heavy-tailed: user
-- and item are the square and the cube of a uniform number, so that 1 % of the users give 10 % of the rows and 1 % of the items
-- get 22 %. Stars follow the item's quality, the user's mildness, and whether the item's genre is one of the user's, plus noise.
-- grain   (user_id, item_id, ts)
-- reads   nothing; the macro draw(seed, stream, x), a number from 0 to 2^32 - 1
-- params  $first, $end  BIGINT, first row number, and the number after the last row
--         $users, $items  BIGINT, number of users and of items
--         $seed  BIGINT
--         $visit_us  BIGINT, microseconds between visits

with visits as (
    select
        i // 4 as visit,
        i % 4 as place,
        draw($seed, 1, i // 4) as visitor
    from range($first, $end) as numbers (i)
),

choices as (
    select
        visit,
        place,
        1 + cast(floor($users * (visitor / 4294967296) * (visitor / 4294967296)) as integer) as user_id,
        draw($seed, 2 + place, visit) as choice
    from visits
),

ratings as (
    select
        visit,
        place,
        user_id,
        choice,
        -- Odd and even items alternate within an instant: nobody rates an item twice at once.
        1 + cast(
            2 * floor($items // 2 * (choice / 4294967296) * (choice / 4294967296) * (choice / 4294967296))
            + case place when 2 then 0 when 3 then 1 else choice % 2 end as integer
        ) as item_id
    from choices
)

select
    user_id,
    item_id,
    cast(
        greatest(1, least(5, round(
            3.3
            + 2 * (draw($seed, 11, item_id) / 4294967296 - 0.5)
            + 1.2 * (draw($seed, 12, user_id) / 4294967296 - 0.5)
            + if(draw($seed, 13, item_id) % 18 % 6 = draw($seed, 14, user_id) % 6, 0.8, -0.1)
            + 1.6 * ((draw($seed, 15, choice) + draw($seed, 16, choice)) / 4294967296 - 1)
        ))) as float
    ) as rating,
    -- Thirds of the time between visits: no two visits share an instant.
    make_timestamp(
        1420070400000000 + visit * $visit_us
        + case place
            when 0 then 0
            when 1 then 17000000 // $visit_us * $visit_us + $visit_us // 3
            else 40000000 // $visit_us * $visit_us + $visit_us // 3 * 2
        end
    ) as ts
from ratings
