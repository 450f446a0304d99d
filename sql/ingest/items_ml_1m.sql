-- ingest/items_ml_1m: movies.dat (ML-1M, ML-10M) split into title and genres. A title may hold the separator, the other fields may not.
-- grain   one line; fault says why a line is no item
-- reads   item_records(line, fault, content, c0), c0 the line `id::title (year)::genre|genre`
-- params  none

with lines as (
    select
        *,
        string_split(c0, '::') as fields
    from item_records
)

select
    line,
    coalesce(fault, if(len(fields) < 3, 'the line lacks fields', null)) as fault,
    coalesce(content, c0) as content,
    fields[1] as item_id,
    array_to_string(fields[2:-2], '::') as raw_title,
    list_filter(string_split(fields[-1], '|'), x -> x <> '' and x <> '(no genres listed)') as genres
from lines
