-- ingest/items_ml_100k: u.item (ML-100K): title, and the genres whose flag is set, in the order of u.genre.
-- grain   one line; genres is null where the line does not have 24 fields
-- reads   $path, `id|title (year)|date|video date|url|19 flags`, no header
-- params  $path      VARCHAR, as a pattern, so that none of its letters is a glob
--         $encoding  VARCHAR, latin-1 or utf-8

with lines as (
    select string_split(line, '|') as fields
    from read_csv(
        $path, delim = '\x1f', header = false, quote = '', escape = '', auto_detect = false, hive_partitioning = false,
        encoding = $encoding,
        columns = {'line': 'VARCHAR'}
    )
),

flagged as (
    select
        fields,
        list_transform(
            [
                'unknown', 'Action', 'Adventure', 'Animation', 'Children''s', 'Comedy', 'Crime', 'Documentary', 'Drama',
                'Fantasy', 'Film-Noir', 'Horror', 'Musical', 'Mystery', 'Romance', 'Sci-Fi', 'Thriller', 'War', 'Western'
            ],
            (genre, k) -> if(fields[k + 5] = '1' and genre <> 'unknown', genre, '')
        ) as genres
    from lines
)

select
    fields[1] as item_id,
    fields[2] as raw_title,
    if(len(fields) = 24, list_filter(genres, genre -> genre <> ''), null) as genres
from flagged
