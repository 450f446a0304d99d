-- knowledge/items: every item with its attributes as JSON text, for the map that contexts are built from.
-- grain   item_id
-- reads   items(item_id, title, year, attributes)

select
    item_id,
    title,
    year,
    cast(to_json(attributes) as varchar) as attributes -- {"genre": ["Drama", "War"]}
from items
order by item_id
