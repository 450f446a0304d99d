-- ingest/unknown_items: rated items that are not in the catalogue.
-- grain   item_id
-- reads   source_interactions, source_items
-- params  $first_line  BIGINT, line number of the first row in the file

select
    item_id,
    min(file_row) + $first_line as first_line,
    count(*) as ratings
from source_interactions
where item_id not in (select item_id from source_items)
group by item_id
order by first_line
limit 3
