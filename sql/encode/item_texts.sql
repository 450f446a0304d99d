-- encode/item_texts: the knowledge texts of each item that are encoded, those of one item next to each other.
-- grain   (item_id, sample)
-- reads   item_knowledge(item_id, sample, text, is_final, error)
-- params  none
-- audits  none

select
    item_id as subject_id,
    text
from item_knowledge
where is_final and error is null
order by item_id, sample
