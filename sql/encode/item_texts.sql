-- encode/item_texts: the knowledge texts to encode, grouped by item.
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
