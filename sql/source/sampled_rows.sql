-- source/sampled_rows: the valid rows of a share of the users, chosen by the seed and their ids only.
-- grain   file_row
-- reads   source_valid(user_id, item_id, rating, ts, file_row; weight where there is one)
-- params  $share  DOUBLE, 0 to 1
--         $seed   INTEGER

select *
from source_valid
where md5_number_lower(concat($seed, ':', user_id)) / 18446744073709551616.0 < $share
