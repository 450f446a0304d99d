import { openDatabase, type Database } from "../../src/tables/database.ts";
import { defineSourceIds } from "../../src/tables/source-ids/source-ids.ts";
import type { RunFacts } from "../../src/report/run-facts.ts";

/** Facts of a run on real data; tests override what they are about. */
export const sampleFacts: RunFacts = {
  name: "sample",
  protocol: "leakfree",
  dataset: { source: "movielens", label: "MovieLens-1M layout at data/ml-1m", simulated: false },
  settings: { train: { seeds: [1, 2] } },
  r4ecVersion: "0.1.0",
  nodeVersion: "v20.20.2",
  cpuModel: "Example CPU",
  stages: [
    { name: "ingest", seconds: 0.44, tasks: 1 },
    { name: "train", seconds: 125, tasks: 4 },
  ],
};

export const simulatedFacts: RunFacts = {
  ...sampleFacts,
  dataset: {
    source: "quickstart",
    label: "film catalogue with simulated viewers",
    simulated: true,
    simulation: "built so that first ratings reveal taste",
  },
};

export type SampleStage = "ingest" | "samples" | "contexts" | "knowledge" | "encode" | "train";

const stages: readonly SampleStage[] = [
  "ingest",
  "samples",
  "contexts",
  "knowledge",
  "encode",
  "train",
];

/** Adds the knowledge of a second variant, about user 1 alone, and vectors from a file. */
export async function addVariants(db: Database): Promise<void> {
  await db.run(`insert into user_knowledge by name select * replace ('r2ec' as variant, true as is_final)
    from user_knowledge where user_id = 1 and round = 0 and role = 'actor'`);
  await db.run(
    `insert into requests values ('r2ec', 'user', 1, 0, 'actor', 100, 20, 10, 0.5, 'ok', null)`,
  );
  await db.run(`insert into user_embeddings by name select * replace ('r2ec' as variant)
    from user_embeddings where user_id = 1`);
  await db.run(
    `insert into item_embeddings values ('llm', 10, 'llm', [1, 2, 3], null, null, null)`,
  );
}

/** A database with the tables of a small run, made by hand, as far as the stage `to`. */
export async function sampleDatabase(tempDir: string, to: SampleStage): Promise<Database> {
  const db = await openDatabase({ threads: 1, memoryMb: 256, tempDir });
  await defineSourceIds(db, { user: false, item: false });
  for (const stage of stages.slice(0, stages.indexOf(to) + 1)) {
    for (const statement of statements[stage]) await db.run(statement);
  }
  return db;
}

const knowledge = (subject: string): string => `
  create table ${subject}_knowledge as select * from (values
    (1, 0, 'actor', 'reason', 'Likes drama. Avoids <b>westerns</b>.', null, null, false, null),
    (1, 0, 'reflector', 'reflect', 'raw', 'unreasonable', 'Only one western was rated.', false, null),
    (1, 1, 'actor', 'refine', 'Likes drama. Rated one western.', null, null, true, null),
    (1, 1, 'reflector', 'reflect', 'raw', 'reasonable', null, false, null),
    (2, 0, 'actor', 'reason', 'Likes comedy.', null, null, true, null),
    (2, 0, 'reflector', 'reflect', 'raw', 'reasonable', null, false, null),
    (3, 0, 'actor', 'reason', null, null, null, false, 'too few events')
  ) as v(${subject}_id, round, role, task, text, judgement, reflection, is_final, error)`;

const knowledgeColumns = (subject: string): readonly string[] => [
  `alter table ${subject}_knowledge add column variant varchar default 'r4ec'`,
  `alter table ${subject}_knowledge add column sample integer default 0`,
  `alter table ${subject}_knowledge add column provider varchar default 'profiler'`,
  `alter table ${subject}_knowledge add column model varchar default 'rules'`,
  `alter table ${subject}_knowledge add column prompt_version varchar default '1'`,
];

const statements: Readonly<Record<SampleStage, readonly string[]>> = {
  ingest: [
    `create table ingest_counts as select * from (values (1, 'read', '', 8), (2, 'bad row', 'the time is missing', 2),
      (3, 'duplicate', 'repeats the event of another row', 1), (4, 'kept', '', 5), (5, 'long item', 'no row is left out for it', 3)) as t(place, step, reason, rows)`,
    `create table interactions as select * from (values
      (1, 10, 4.0::double, 1::tinyint, timestamp '2000-01-01 00:00:00', 0::bigint),
      (1, 20, 2.0::double, 0::tinyint, timestamp '2000-01-01 12:00:00', 1::bigint),
      (2, 10, 5.0::double, 1::tinyint, timestamp '2000-01-02 00:00:00', 2::bigint),
      (1, 30, 4.0::double, 1::tinyint, timestamp '2000-01-03 00:00:00', 3::bigint),
      (2, 20, 1.0::double, 0::tinyint, timestamp '2000-01-04 00:00:00', 4::bigint)
    ) as v(user_id, item_id, rating, label, ts, file_row)`,
    `create table items as select * from (values
      (1, '<script>alert(1)</script>', 1999::smallint, map {'genre': ['Drama', 'War & Peace']}),
      (10, 'Heat (1995)', 1995::smallint, map {'genre': ['Crime']}),
      (20, 'Fargo', 1996::smallint, map {'genre': ['Crime']}),
      (30, 'Alien', null, map {})
    ) as v(item_id, title, year, attributes)`,
    `create table users as select * from (values
      (1, map {'age': ['25']}), (2, map {})
    ) as v(user_id, attributes)`,
  ],
  samples: [
    `create table timeline as
      select user_id, row_number() over (partition by user_id order by ts)::integer as rn, item_id, rating, label, ts,
        0 as history_rn,
        case file_row when 0 then 'context' when 1 then 'train' when 2 then 'train' when 3 then 'valid' else 'test' end as role
      from interactions`,
    `create table samples as
      select user_id, rn, item_id, rating, label, ts, role as split,
        [10]::integer[] as history_items, [4]::double[] as history_ratings
      from timeline where role <> 'context'`,
    `create table audits as select * from (values
      ('history_before_row', 'No history event lies at or after its row.', 4::bigint, 0::bigint)
    ) as v(audit, about, rows_checked, violations)`,
  ],
  contexts: [
    `create table user_contexts as select 1 as user_id, timestamp '2000-01-01' as last_ts,
      [20, 10, 99]::integer[] as history_items, [2, 4, 3.5]::double[] as history_ratings`,
    `create table item_contexts as select 1 as item_id, 1 as liker_id, timestamp '2000-01-01' as liker_ts,
      [10]::integer[] as liker_items, [5]::double[] as liker_ratings,
      null::integer as disliker_id, null::timestamp as disliker_ts,
      null::integer[] as disliker_items, null::double[] as disliker_ratings`,
  ],
  knowledge: [
    knowledge("user"),
    ...knowledgeColumns("user"),
    knowledge("item"),
    ...knowledgeColumns("item"),
    `create table requests as select * from (values
      ('r4ec', 'user', 1, 0, 'actor', 100, 20, 10, 0.5::double),
      ('r4ec', 'user', 1, 0, 'reflector', 200, 5, null, 0.25),
      ('r4ec', 'user', 1, 1, 'actor', null, null, null, null),
      (null, 'user', 1, 0, 'teacher', 900, 90, 9, 9)
    ) as v(variant, subject, subject_id, round, role, prompt_tokens, completion_tokens, cached_tokens, cost_usd)`,
    `alter table requests add column status varchar default 'ok'`,
    `alter table requests add column error varchar`,
  ],
  encode: [
    `create table user_embeddings as select 'r4ec' as variant, * from (values
      (1, 'bundled', 'text', [0.6, 0.8]::float[], 10, 1), (2, 'bundled', 'text', [1, 0]::float[], 20, 1),
      (3, 'bundled', 'liked items', [0, 1]::float[], null, null)
    ) as v(user_id, encoder, origin, vector, tokens, chunks)`,
    `create table item_embeddings as select 'r4ec' as variant, 1 as item_id, 'bundled' as encoder, [0, 1]::float[] as vector,
      7 as tokens, 1 as chunks, 1 as texts`,
  ],
  train: [
    `create table results as select * from (values
      ('autoint', 'r4ec', 2, 0.75, 0.54, 3, 0.5, 1.0),
      ('autoint', 'base', 1, 0.70, 0.58, 1, null, null),
      ('autoint', 'base', 2, 0.72, 0.56, 2, null, null),
      ('autoint', 'r4ec', 1, 0.73, 0.56, 2, 0.5, 1.0)
    ) as v(backbone, variant, seed, auc, logloss, best_epoch, user_coverage, item_coverage)`,
    `alter table results add column epochs integer default 3`,
    `alter table results add column selected_on varchar default 'valid'`,
    `alter table results add column parameters bigint default 33089`,
    `alter table results add column train_rows bigint default 2`,
    `alter table results add column valid_rows bigint default 1`,
    `alter table results add column test_rows bigint default 1`,
    `alter table results add column seconds double default 1.5`,
    `alter table results add column trial integer default 0`,
    `alter table results add column role varchar`,
    `update results set role = if(variant = 'base', 'base', 'knowledge')`,
    `alter table results add column settings varchar default '{}'`,
    `alter table results add column engine varchar default 'onnx'`,
    `alter table results add column gauc double`,
    `update results set gauc = auc - 0.1`,
    `alter table results add column ece double default 0.02`,
    `alter table results add column valid_auc double`,
    `update results set valid_auc = auc + 0.01`,
    `alter table results add column valid_logloss double default 0.55`,
    `create table training_log as
      select backbone, variant, trial, seed, epoch::integer as epoch, 0.7 - 0.05 * epoch as train_loss,
        0.6 + 0.04 * epoch as valid_auc
      from results, range(1, 4) as r(epoch)`,
    `create table slices as
      select backbone, variant, trial, seed, slice, bucket, rows, positives,
        case when rows > 1 then auc end as auc, case when rows > 0 then logloss end as logloss
      from results, (values
        ('items', 'cold', 0::bigint, 0::bigint), ('items', 'tail', 1, 1), ('items', 'head', 1200, 600)
      ) as b(slice, bucket, rows, positives)`,
    `create table selections as
      select distinct backbone, variant, trial, 2 as seeds, 'valid' as split, 'auc' as metric, 0.73::double as value,
        true as is_selected
      from results`,
    `create table comparisons as select 'autoint' as backbone, 'r4ec' as variant, 'base' as baseline,
      0 as trial, 0 as baseline_trial, 2 as seeds,
      0.03 as auc_lift, 0.01 as auc_lift_low, 0.05 as auc_lift_high, 0.03 / 0.71 as auc_relative,
      -0.02 as logloss_change, -0.03 as logloss_change_low, -0.01 as logloss_change_high,
      -0.02 / 0.57 as logloss_relative, 1000 as resamples`,
  ],
};
