-- report/user_examples: all answers about a few users, those with a refined text first.
-- grain   (subject_id, variant, sample, round, role)
-- reads   user_knowledge
-- params  $count  users to show
-- audits  none

with subjects as (
    select
        user_id,
        bool_or(task = 'refine' and error is null) as is_refined,
        md5(cast(user_id as varchar)) as place -- pseudo-random order, the same in every run
    from user_knowledge
    group by user_id
    having bool_or(is_final)
    order by is_refined desc, place
    limit $count
)

select
    k.user_id as subject_id,
    source_user_id(k.user_id) as source_id,
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
from user_knowledge as k
inner join subjects as s on k.user_id = s.user_id
order by s.is_refined desc, s.place, list_position(['r4ec', 'r2ec', 'kar'], k.variant), k.variant, k.sample, k.round, k.role -- actor before reflector
