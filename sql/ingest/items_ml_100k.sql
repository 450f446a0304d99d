-- ingest/items_ml_100k: u.item (ML-100K): title, and the genres whose flag is set, in the order of u.genre.
-- grain   one line; fault says why a line is no item
-- reads   item_records(line, fault, content, c0), c0 the line `id|title (year)|date|video date|url|19 flags`
-- params  none

with lines as (
    select
        *,
        string_split(c0, '|') as fields
    from item_records
),

flagged as (
    select
        *,
        list_transform(
            [
                'unknown', 'Action', 'Adventure', 'Animation', 'Children''s', 'Comedy', 'Crime', 'Documentary', 'Drama',
                'Fantasy', 'Film-Noir', 'Horror', 'Musical', 'Mystery', 'Romance', 'Sci-Fi', 'Thriller', 'War', 'Western'
            ],
            (genre, k) -> if(fields[k + 5] = '1' and genre <> 'unknown', genre, '')
        ) as flags
    from lines
)

select
    line,
    coalesce(fault, if(len(fields) <> 24, 'the line has ' || len(fields) || ' fields instead of 24', null)) as fault,
    coalesce(content, c0) as content,
    fields[1] as item_id,
    fields[2] as raw_title,
    list_filter(flags, genre -> genre <> '') as genres
from flagged
