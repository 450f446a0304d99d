-- inspect/attribute_values: the most frequent values of every attribute of items and users.
-- grain   (subject, attribute, value)
-- reads   items(attributes), users(attributes)
-- params  $top  BIGINT = 10, values shown per attribute

with entries as (
    select 'item' as subject, unnest(map_entries(attributes)) as entry from items
    union all
    select 'user', unnest(map_entries(attributes)) from users
),

listed as (
    select
        subject,
        entry.key as attribute,
        unnest(entry.value) as value
    from entries
),

counts as (
    select
        subject,
        attribute,
        value,
        count(*) as subjects, -- items or users that have the value
        row_number() over (partition by subject, attribute order by count(*) desc, value) as place,
        count(*) over (partition by subject, attribute) as values
    from listed
    group by subject, attribute, value
),

totals as (
    select 'item' as subject, count(*) as all_subjects from items
    union all
    select 'user', count(*) from users
)

select
    subject, -- item or user
    attribute,
    value,
    subjects,
    subjects / all_subjects as share, -- of all items or users; an item may have several values
    values -- different values of the attribute
from counts
inner join totals using (subject)
where place <= cast($top as bigint)
order by subject, attribute, place
