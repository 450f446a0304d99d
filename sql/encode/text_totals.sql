-- encode/text_totals: amount of text to encode, equal texts counted once, with a few examples.
-- grain   one row, also when there is no text
-- reads   user_knowledge(text, is_final, error), item_knowledge(text, is_final, error)
-- params  none
-- audits  none

with final_texts as (
    select text from user_knowledge where is_final and error is null
    union
    select text from item_knowledge where is_final and error is null
)

select
    cast(count(*) as integer) as texts,
    cast(coalesce(sum(length(text)), 0) as double) as characters,
    coalesce(arg_min(text, md5(text), 200), []) as some_texts -- whichever, but always the same
from final_texts
