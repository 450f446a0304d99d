-- encode/item_texts: the knowledge text of each item that is encoded.
-- grain   item_id
-- reads   item_knowledge(item_id, text, is_final, error)
-- params  none
-- audits  none

select
    item_id as subject_id,
    text
from item_knowledge
where is_final and error is null
order by item_id
