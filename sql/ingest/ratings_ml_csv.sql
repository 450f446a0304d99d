-- ingest/ratings_ml_csv: the lines of ratings.csv (ml-latest, ml-20m to ml-32m) as text, in file order.
-- grain   one line after the header; rowid is its place, from 0
-- reads   ratings_csv(column0 userId, column1 movieId, column2 rating, column3 timestamp), all text
-- params  none

select
    column0 as user_id,
    column1 as item_id,
    column2 as rating,
    column3 as epoch_s
from ratings_csv
