-- train/item_ids: every item of the catalogue.
-- grain   (item_id)
-- reads   items(item_id)

select item_id
from items
order by item_id
