-- synth/items: synthetic items with a title and attributes; tastes in synth/interactions depend on the genre.
-- grain   item_id
-- reads   nothing; the macro draw(seed, stream, x), a number from 0 to 2^32 - 1
-- params  $items  BIGINT, number of items
--         $seed  BIGINT

with words as (
    select
        [
            'Silent', 'Golden', 'Broken', 'Hidden', 'Northern', 'Crimson', 'Distant', 'Restless', 'Hollow', 'Burning', 'Gentle',
            'Frozen', 'Wandering', 'Second', 'Unquiet', 'Last'
        ] as firsts,
        [
            'Harbour', 'Orchard', 'Machine', 'Letter', 'Mountain', 'Carnival', 'Witness', 'Garden', 'Voyage', 'Winter', 'Mirror',
            'Company', 'Island', 'Theatre', 'Bridge', 'Promise'
        ] as seconds,
        [
            'Adventure', 'Animation', 'Biography', 'Comedy', 'Crime', 'Documentary', 'Drama', 'Fantasy', 'History', 'Horror',
            'Music', 'Mystery', 'Nature', 'Romance', 'Science Fiction', 'Sport', 'Thriller', 'Western'
        ] as genres
)

select
    cast(i as integer) as item_id,
    firsts[1 + draw($seed, 21, i) % 16] || ' ' || seconds[1 + draw($seed, 22, i) % 16] || ' ' || i as title,
    cast(1950 + draw($seed, 23, i) % 70 as smallint) as year,
    genres[1 + draw($seed, 13, i) % 18] as genre,
    'Studio ' || (1 + draw($seed, 24, i) % 200) as studio
from range(1, $items + 1) as numbers (i)
cross join words
order by item_id
