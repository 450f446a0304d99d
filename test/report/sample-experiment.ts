import type { Database } from "../../src/tables/database.ts";
import { sampleDatabase } from "./sample-run.ts";

/** How good a variant of the experiment is; on DCN everything is 0.01 better. */
export const variants = [
  { name: "base", role: "base", auc: 0.7 },
  { name: "base+stats", role: "control", auc: 0.73 },
  { name: "permuted", role: "control", auc: 0.702 },
  { name: "kar", role: "knowledge", auc: 0.72 },
  { name: "r4ec", role: "knowledge", auc: 0.731 },
] as const;

/**
 * The sample run with an experiment in place of its models: two backbones, five variants, a grid of two trials of which the second
 * is worse by 0.05, two seeds 0.002 apart. Intervals reach 0.005 to both sides.
 */
export async function sampleExperiment(tempDir: string): Promise<Database> {
  const db = await sampleDatabase(tempDir, "train");
  const rows = variants.map(({ name, role, auc }) => `('${name}', '${role}', ${auc}::double)`);
  const models = `select backbone, variant, trial, seed, role,
      case trial when 0 then '{"learningRate":0.001,"connector":"mlp"}' else '{"learningRate":0.003,"connector":"mlp"}' end
        as settings,
      auc + if(backbone = 'dcn', 0.01, 0) - 0.05 * trial + 0.002 * (seed - 1) as auc
    from (values ('autoint'), ('dcn')) as b(backbone), (values ${rows.join()}) as v(variant, role, auc),
      (values (0), (1)) as t(trial), (values (1), (2)) as s(seed)`;
  const comparisons = `select a.backbone, a.variant, b.variant as baseline, 0 as trial, 0 as baseline_trial, 2 as seeds,
      a.auc - b.auc as auc_lift, a.auc - b.auc - 0.005 as auc_lift_low, a.auc - b.auc + 0.005 as auc_lift_high,
      (a.auc - b.auc) / b.auc as auc_relative, b.auc - a.auc as logloss_change,
      b.auc - a.auc - 0.004 as logloss_change_low, b.auc - a.auc + 0.004 as logloss_change_high,
      (b.auc - a.auc) / 0.6 as logloss_relative, 500 as resamples
    from models as a join models as b using (backbone, trial, seed)
    where trial = 0 and seed = 1
      and ((b.role = 'base' and a.role <> 'base') or (b.role = 'control' and a.role = 'knowledge'))`;
  const statements = [
    `create table models as ${models}`,
    `create or replace table results as
      select m.*, 'onnx' as engine, 1.3 - auc as logloss, auc - 0.05 as gauc, 0.02::double as ece, auc + 0.01 as valid_auc,
        1.29 - auc as valid_logloss, 2 as best_epoch, 3 as epochs, 'valid' as selected_on, 33089::bigint as parameters,
        2::bigint as train_rows, 1::bigint as valid_rows, 1::bigint as test_rows,
        if(role = 'base', null, 0.9)::double as user_coverage, if(role = 'base', null, 1)::double as item_coverage,
        1.5::double as seconds
      from models as m`,
    `create or replace table training_log as
      select backbone, variant, trial, seed, epoch::integer as epoch, 0.7 - 0.05 * epoch - 0.1 * (auc - 0.7) as train_loss,
        auc - 0.03 + 0.02 * epoch - 0.006 * epoch * epoch as valid_auc
      from models, range(1, 4) as r(epoch)`,
    `create or replace table selections as
      select backbone, variant, trial, 2 as seeds, 'valid' as split, 'auc' as metric, avg(valid_auc) as value,
        trial = 0 as is_selected
      from results group by backbone, variant, trial`,
    `create or replace table slices as
      select backbone, variant, trial, seed, slice, bucket, rows, positives,
        case when rows > 0 then auc + (auc - 0.7) * gain end as auc, 1.3 - auc as logloss
      from models, (values
        ('items', 'cold', 120::bigint, 40::bigint, 2), ('items', 'tail', 4200, 1900, 1), ('items', 'head', 30000, 17000, 0),
        ('users', 'new', 0, 0, 0), ('users', 'low', 3100, 1500, 1), ('users', 'mid', 9000, 5000, 0),
        ('users', 'high', 22220, 12440, -0.5)
      ) as b(slice, bucket, rows, positives, gain)`,
    `create or replace table comparisons as ${comparisons}`,
  ];
  for (const statement of statements) await db.run(statement);
  return db;
}

/**
 * Adds what an experiment of this version has: every pair, with p-values, and the pairs on parts of the test rows. A difference of
 * 0.001 or less is not significant after the correction; on slices none is but those of Base + statistics.
 */
export async function addEveryPair(db: Database): Promise<void> {
  const order = "['base', 'base+stats', 'permuted', 'kar', 'r4ec']";
  await db.run(`create or replace table comparisons as
    select *, auc_p * 2 as auc_p_holm, auc_p as logloss_p, auc_p as logloss_p_holm
    from (
      select a.backbone, a.variant, b.variant as baseline, 0 as trial, 0 as baseline_trial, 2 as seeds,
        a.auc - b.auc as auc_lift, a.auc - b.auc - 0.0005 as auc_lift_low, a.auc - b.auc + 0.0005 as auc_lift_high,
        if(abs(a.auc - b.auc) < 0.0015, 0.03, 0.0004) as auc_p,
        (a.auc - b.auc) / b.auc as auc_relative, b.auc - a.auc as logloss_change,
        b.auc - a.auc - 0.004 as logloss_change_low, b.auc - a.auc + 0.004 as logloss_change_high,
        (b.auc - a.auc) / 0.6 as logloss_relative, 500 as resamples
      from models as a join models as b using (backbone, trial, seed)
      where trial = 0 and seed = 1 and list_position(${order}, a.variant) > list_position(${order}, b.variant)
    )`);
  await db.run(`create or replace table slice_comparisons as
    select backbone, variant, 'base' as baseline, slice, bucket, auc_lift - 0.01 as auc_lift_low, auc_lift + 0.01 as auc_lift_high,
      0.01 as auc_p, if(variant = 'base+stats', 0.02, 0.4) as auc_p_holm
    from comparisons, (select distinct slice, bucket from slices) where baseline = 'base'`);
}
