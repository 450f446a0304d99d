-- report/item_examples: all answers about a few items, those with a refined text first.
-- grain   (subject_id, variant, sample, round, role)
-- reads   item_knowledge
-- params  $count  items to show
-- audits  none

with subjects as (
    select
        item_id,
        bool_or(task = 'refine' and error is null) as is_refined,
        md5(cast(item_id as varchar)) as place -- pseudo-random order, the same in every run
    from item_knowledge
    group by item_id
    having bool_or(is_final)
    order by is_refined desc, place
    limit $count
)

select
    k.item_id as subject_id,
    source_item_id(k.item_id) as source_id,
    k.variant,
    k.sample,
    k.round,
    k.role,
    k.task,
    k.text,
    k.judgement,
    k.reflection,
    k.is_final,
    k.error
from item_knowledge as k
inner join subjects as s on k.item_id = s.item_id
order by s.is_refined desc, s.place, list_position(['r4ec', 'r2ec', 'kar'], k.variant), k.variant, k.sample, k.round, k.role -- actor before reflector
