-- report/missing_answers: what was asked of actor, reflector, teacher and encoder without a usable answer, by kind.
-- grain   (variant, subject, role, kind)
-- reads   user_knowledge, item_knowledge, construction, requests
-- params  none
-- audits  none

with knowledge as (
    select variant, 'user' as subject, role, error from user_knowledge
    union all
    select variant, 'item' as subject, role, error from item_knowledge
),

-- An error begins with its kind: "length: the answer was cut off", "unreadable answer: Hm".
entries as (
    select
        variant,
        subject,
        role,
        case
            when starts_with(error, 'unreadable') then 'unreadable'
            when split_part(error, ':', 1) in ('failed', 'rejected', 'filtered', 'length', 'empty') then split_part(error, ':', 1)
            when error is not null then 'other'
        end as kind
    from knowledge
    union all
    select
        null as variant,
        subject,
        'teacher' as role,
        if(error is null, null, drop_reason) as kind
    from construction
    union all
    select
        variant,
        subject,
        role,
        if(error is null, null, status) as kind
    from requests
    where role = 'encoder'
),

ended as (
    select
        *,
        count(*) over (partition by variant, subject, role) as prompts -- of the role, answered or not
    from entries
)

select
    variant, -- null for the teacher
    subject,
    role,
    kind,
    count(*) as rows,
    any_value(prompts) as prompts
from ended
where kind is not null
group by variant, subject, role, kind
-- In the order they are asked: teacher, actor and reflector, encoder; users first.
order by role = 'encoder', variant is not null, list_position(['r4ec', 'r2ec', 'kar'], variant), variant, subject desc, role, rows desc, kind
