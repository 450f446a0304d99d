-- source/items: the items of the kept interactions, with their metadata; an item without a title gets its id as title.
-- grain   item_id
-- reads   source_interactions(item_id), catalogue(item_id, title, year, attributes), item_dictionary(item_id, source_id)
-- params  none

select
    rated.item_id,
    coalesce(nullif(title, ''), source_id, cast(rated.item_id as varchar)) as title,
    year,
    coalesce(attributes, map {}::map(varchar, varchar [])) as attributes
from (select distinct item_id from source_interactions) as rated
left join catalogue using (item_id)
left join item_dictionary using (item_id)
