-- source/value_forms: what the ids and times of all interactions look like, for settings left to auto.
-- grain   time_form: s, ms, us or ns, a plausible number of such units since 1970; day, minute or second, a number such as 20200131,
--         202001311200 or 20200131120000; number, any other; text, such as 2020-01-31; other texts; null where the time is missing
-- reads   source_forms(file_row, has_user, is_integer_user, has_item, is_integer_item, has_time, time_number, is_iso_time), the
--         number null where the time is none
-- params  $from_s, $until_s      DOUBLE, seconds since 1970: the times between are plausible
--         $from_day, $until_day  INTEGER, the same as YYYYMMDD, both included

with stamped as (
    select
        *,
        if(time_number = floor(time_number), try_cast(time_number as bigint), null) as whole,
        case
            when whole between 10000000 and 99999999 then 'day'
            when whole between 100000000000 and 999999999999 then 'minute'
            when whole between 10000000000000 and 99999999999999 then 'second'
        end as precision,
        case precision when 'day' then whole * 1000000 when 'minute' then whole * 100 else whole end as stamp -- YYYYMMDDhhmmss
    from source_forms
),

formed as (
    select
        *,
        case
            when not has_time then null
            when time_number is null then if(is_iso_time, 'text', 'other')
            when time_number between $from_s and $until_s then 's'
            when time_number between $from_s * 1e3 and $until_s * 1e3 then 'ms'
            when time_number between $from_s * 1e6 and $until_s * 1e6 then 'us'
            -- Below are the ticks of .NET, 100 ns since the year 1, up to 2060.
            when time_number between greatest($from_s, 650000000) * 1e9 and $until_s * 1e9 then 'ns'
            when
                precision is not null
                and stamp // 1000000 between $from_day and $until_day
                and stamp // 100000000 % 100 between 1 and 12
                and stamp // 1000000 % 100 between 1 and 31
                and stamp // 10000 % 100 < 24
                and stamp // 100 % 100 < 60
                and stamp % 100 < 60
                then precision
            else 'number'
        end as time_form
    from stamped
)

select
    time_form,
    count(*) as rows,
    min(time_number) as least,
    max(time_number) as most,
    min(file_row) as first_row, -- file_row of the first
    count(*) filter (where has_user) as users, -- rows, here and below
    count(*) filter (where is_integer_user) as integer_users,
    min(file_row) filter (where has_user and not is_integer_user) as first_user,
    count(*) filter (where has_item) as items,
    count(*) filter (where is_integer_item) as integer_items,
    min(file_row) filter (where has_item and not is_integer_item) as first_item
from formed
group by time_form
order by rows desc, time_form
