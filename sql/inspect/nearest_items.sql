-- inspect/nearest_items: the items whose vectors are nearest to one item by cosine similarity, with their titles.
-- grain   place; no rows when the item has no vector
-- reads   item_embeddings(item_id, variant, vector), items(item_id, title, year)
-- params  $item  VARCHAR = 1, item to find neighbours of, id as in the source
--         $variant  VARCHAR = r4ec, variant whose vectors are used; r4ec@NAME for another encoder
--         $top  BIGINT = 10, items shown

with chosen as (
    select
        coalesce(
            run_item_id($item),
            error('nearest_items: the run has no item "' || $item || '"; item=ID takes an id of the source')
        ) as item_id
),

vectors as (
    select
        item_id,
        vector
    from item_embeddings
    where variant = $variant
        and list_dot_product(vector, vector) > 0 -- a vector of zeros has no direction
),

cosines as (
    select
        others.item_id,
        list_cosine_similarity(others.vector, own.vector) as cosine
    from vectors as own
    inner join chosen on own.item_id = chosen.item_id
    inner join vectors as others on own.item_id <> others.item_id
),

ranked as (
    select
        item_id,
        cosine,
        row_number() over (order by cosine desc, item_id) as place
    from cosines
)

select
    place,
    source_item_id(ranked.item_id) as item_id, -- as in the source
    items.title, -- null for items missing from the catalogue
    items.year,
    ranked.cosine -- 1 = same direction, 0 = at right angles, -1 = opposite
from ranked
left join items on ranked.item_id = items.item_id
where place <= cast($top as bigint)
order by place
