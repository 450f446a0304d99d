-- source/checked_rows: every row of the interactions with its types, and the reason if it is bad.
-- grain   (file_index, place), in order
-- reads   source_typed(file_index, place, line, fault, content, user_raw, item_raw, time_raw, value_raw, weight_raw, user_id, item_id,
--         rating, ts, weight), where a typed column is null when its raw value is invalid
-- params  $user_fault, $item_fault, $value_fault, $time_fault, $weight_fault  VARCHAR, reasons for invalid values
--         $value_name  VARCHAR, what the rating is read from
--         $from, $until  VARCHAR, days: earlier events are implausible, and events from $until on lie in the future

select
    file_index,
    place,
    line,
    user_id,
    item_id,
    rating,
    ts,
    weight,
    case
        when fault is not null then fault
        when user_raw is null then 'the user id is missing'
        when item_raw is null then 'the item id is missing'
        when time_raw is null then 'the time is missing'
        when value_raw is null then 'the ' || $value_name || ' is missing'
        when weight is null and weight_raw is null then 'the weight is missing'
        when user_id is null then $user_fault
        when item_id is null then $item_fault
        when rating is null then $value_fault
        when ts is null then $time_fault
        when weight is null then $weight_fault
        when ts < cast($from as timestamp) then 'the time lies before ' || left($from, 4)
        when ts >= cast($until as timestamp) then 'the time lies in the future'
    end as reason, -- null: the row is valid
    coalesce(content, concat_ws(' | ', user_raw, item_raw, time_raw, value_raw, weight_raw)) as content
from source_typed
