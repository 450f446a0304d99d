-- encode/text_ranges: the ids of a file of texts, cut into ranges with about equal numbers of texts.
-- grain   one range of ids
-- reads   given(subject_id)
-- params  $part_texts  BIGINT, target number of texts per range

with counts as (
    select
        subject_id,
        sum(count(*)) over (order by subject_id) as texts_until
    from given
    group by subject_id
)

select
    min(subject_id) as first_id,
    max(subject_id) as last_id
from counts
group by (texts_until - 1) // $part_texts
order by first_id
