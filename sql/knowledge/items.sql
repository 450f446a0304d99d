-- knowledge/items: every item with its attributes as JSON text, for the map that contexts are built from.
-- grain   item_id
-- reads   items(item_id, title, year, attributes)
-- params  $most  BIGINT, characters of a text, and values of an attribute, beyond which the rest stays away

select
    item_id,
    left(title, cast($most as bigint)) as title,
    year,
    cast(to_json(map_from_entries(list_transform(
        map_entries(attributes),
        lambda entry: {
            'key': entry.key,
            'value': list_transform(entry.value[1:cast($most as bigint)], lambda value: left(value, cast($most as bigint)))
        }
    ))) as varchar) as attributes -- {"genre": ["Drama", "War"]}
from items
order by item_id
