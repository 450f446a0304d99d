-- report/activity: interactions over time by their role under the protocol.
-- grain   (bin_start, role)
-- reads   timeline(ts, role), interactions(ts) while there is no timeline yet
-- params  $bin_hours  width of a bin, whole hours; bins start at the first event
-- audits  none

with events as (
    select ts, role from timeline
    union all
    select ts, 'interaction' as role from interactions where not exists (select 1 from timeline)
),

bins as (
    select
        min(epoch_us(ts)) as first_us,
        cast($bin_hours as bigint) * 3600000000 as width_us
    from events
),

placed as (
    select
        epoch_us(events.ts) as at_us,
        events.role,
        bins.first_us,
        bins.width_us
    from events cross join bins
)

select
    make_timestamp(first_us + ((at_us - first_us) // width_us) * width_us) as bin_start,
    role,
    count(*) as rows
from placed
group by bin_start, role
order by bin_start, list_position(['context', 'train', 'valid', 'test', 'gap', 'dropped'], role), role
