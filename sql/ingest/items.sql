-- ingest/items: titles as people write them ("Usual Suspects, The (1995)" becomes The Usual Suspects, 1995).
-- The year of a range, such as (2001–2003) or (1999- ), is the first.
-- grain   item_id
-- reads   items_judged(item_id, raw_title, genres, reason)
-- params  none

with parts as (
    select
        item_id,
        genres,
        trim(regexp_replace(raw_title, '\s*\((\d{4})(\s*[-–—]\s*(\d{4})?)?\s*\)\s*$', '')) as bare_title,
        try_cast(nullif(regexp_extract(raw_title, '\((\d{4})(\s*[-–—]\s*(\d{4})?)?\s*\)\s*$', 1), '') as smallint) as year
    from items_judged
    where reason is null
)

select
    item_id,
    regexp_replace(bare_title, '^(.+?), (The|A|An)( \(.*\))?$', '\2 \1\3') as title,
    year,
    if(len(genres) > 0, map {'genre': genres}, map {}::map(varchar, varchar [])) as attributes
from parts
