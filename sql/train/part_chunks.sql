-- train/part_chunks: number of rows per split in every stretch of one part of samples.
-- grain   (first_row, split)
-- reads   the part's file, as samples(split)
-- params  $part          VARCHAR, absolute path as a pattern, so that none of its letters is a glob
--         $stretch_rows  BIGINT, rows per stretch

select
    cast(file_row_number // $stretch_rows * $stretch_rows as bigint) as first_row, -- place in the part, from 0
    split,
    count(*) as rows
from read_parquet($part, hive_partitioning = false, file_row_number = true)
where split in ('train', 'valid', 'test')
group by first_row, split
order by first_row, split
