-- ingest/items_ml_100k: u.item (ML-100K): title, and the genres whose flag is set, in the order of u.genre.
-- grain   item_id
-- reads   $path, `id|title (year)|date|video date|url|19 flags`, no header
-- params  $path      VARCHAR
--         $encoding  VARCHAR, latin-1 or utf-8

with lines as (
    select string_split(line, '|') as fields
    from read_csv(
        $path, delim = '\x1f', header = false, quote = '', escape = '', auto_detect = false, encoding = $encoding,
        columns = {'line': 'VARCHAR'}
    )
)

select
    cast(fields[1] as integer) as item_id,
    fields[2] as raw_title,
    list_filter(
        list_transform(
            [
                'unknown', 'Action', 'Adventure', 'Animation', 'Children''s', 'Comedy', 'Crime', 'Documentary', 'Drama',
                'Fantasy', 'Film-Noir', 'Horror', 'Musical', 'Mystery', 'Romance', 'Sci-Fi', 'Thriller', 'War', 'Western'
            ],
            (genre, k) -> if(fields[k + 5] = '1' and genre <> 'unknown', genre, '')
        ),
        genre -> genre <> ''
    ) as genres
from lines
