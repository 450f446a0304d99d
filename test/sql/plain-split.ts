/** @file Splits, histories and contexts of a whole log as one plain query a table, the way one would write them without a thought of size. */
import type { Protocol } from "../../src/base/terms.ts";

/** The order of a user's rows. */
const orders = {
  leakfree: "ts, item_id, file_row",
  paper: "ts, item_id, file_row",
  reference: "cast(ts as date), file_row",
} as const satisfies Record<Protocol, string>;

const roles = {
  leakfree: `case
    when rn <= 10 then 'context'
    when ts <= tenth_ts then 'dropped'
    when ts <= (select quantile_disc(ts, 0.7::decimal(2, 1)) from interactions) then 'train'
    when ts <= (select quantile_disc(ts, 0.8::decimal(2, 1)) from interactions) then 'valid'
    else 'test'
  end`,
  paper: `case
    when rn <= 10 then 'context'
    when ts <= (select quantile_disc(ts, 0.8::decimal(2, 1)) from interactions) then 'train'
    else 'test'
  end`,
  reference: `case
    when rn <= 10 then 'context'
    when rn = 11 then 'dropped'
    when rn - 1 <= (4 * n) // 5 then 'train'
    else 'test'
  end`,
} as const satisfies Record<Protocol, string>;

/** Rows that may serve a row as history: those before it, under leakfree those of an earlier instant. */
const rowsBefore = {
  leakfree: "rank() over (partition by user_id order by ts) - 1",
  paper: "rn - 1",
  reference: "rn - 1",
} as const satisfies Record<Protocol, string>;

/**
 * Of `interactions`: every row with its place, its role and the last ten rows that may serve it as history, for
 * `create table placed as …`. The window of the first row of an instant is that of all rows of the instant.
 */
export function placedSql(protocol: Protocol): string {
  const order = orders[protocol];
  return `
    with numbered as (
      select *, cast(row_number() over by_order as integer) as rn, count(*) over (partition by user_id) as n,
             nth_value(ts, 10) over (by_order rows between unbounded preceding and unbounded following) as tenth_ts,
             coalesce(list(item_id) over before, []) as past_items, coalesce(list(rating) over before, []) as past_ratings
      from interactions
      window by_order as (partition by user_id order by ${order}),
             before as (partition by user_id order by ${order} rows between 10 preceding and 1 preceding)
    ),
    rows as (
      select * exclude (past_items, past_ratings), ${roles[protocol]} as role, cast(${rowsBefore[protocol]} as integer) as before
      from numbered
    )
    select rows.*, past_items, past_ratings
    from rows join numbered on numbered.user_id = rows.user_id and numbered.rn = rows.before + 1`;
}

/** Of `placed` and `items`: what the tables of a run with histories and contexts of 10 and seed 1 must hold. */
export const plainTables = {
  timeline:
    "select user_id, rn, item_id, rating, label, ts, before as history_rn, role from placed",
  samples: `
    select user_id, rn, item_id, rating, label, ts, role as split, past_items as history_items, past_ratings as history_ratings
    from placed where role in ('train', 'valid', 'test')`,
  user_contexts: `
    select user_id, max(ts) as last_ts, list(item_id order by rn) as history_items, list(rating order by rn) as history_ratings
    from placed
    where rn <= 10 and user_id in (select user_id from placed where role in ('train', 'valid', 'test'))
    group by user_id`,
  item_contexts: `
    with drawn as (
      select * from placed where role = 'train'
      qualify 1 = row_number() over (
        partition by item_id, label order by md5_number_lower(concat_ws(':', 1, item_id, user_id, rn)), user_id, rn)
    )
    select items.item_id,
           l.user_id as liker_id, l.ts as liker_ts, coalesce(l.past_items, []) as liker_items,
           coalesce(l.past_ratings, []) as liker_ratings,
           d.user_id as disliker_id, d.ts as disliker_ts, coalesce(d.past_items, []) as disliker_items,
           coalesce(d.past_ratings, []) as disliker_ratings
    from items
    left join (from drawn where label = 1) as l on l.item_id = items.item_id
    left join (from drawn where label = 0) as d on d.item_id = items.item_id`,
} as const;
