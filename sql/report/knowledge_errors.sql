-- report/knowledge_errors: prompts of actor and reflector without a usable answer, by kind.
-- grain   (variant, subject, role, kind)
-- reads   user_knowledge, item_knowledge
-- params  none
-- audits  none

with entries as (
    select variant, 'user' as subject, role, error from user_knowledge
    union all
    select variant, 'item' as subject, role, error from item_knowledge
),

-- An error begins with its kind: "length: the answer was cut off", "unreadable answer: Hm".
ended as (
    select
        variant,
        subject,
        role,
        case
            when starts_with(error, 'unreadable') then 'unreadable'
            when split_part(error, ':', 1) in ('failed', 'rejected', 'filtered', 'length', 'empty') then split_part(error, ':', 1)
            when error is not null then 'other'
        end as kind,
        count(*) over (partition by variant, subject, role) as prompts -- of the role, answered or not
    from entries
)

select
    variant,
    subject,
    role,
    kind,
    count(*) as rows,
    any_value(prompts) as prompts
from ended
where kind is not null
group by variant, subject, role, kind
order by list_position(['r4ec', 'r2ec', 'kar'], variant), variant, subject desc, role, rows desc, kind -- users first
