import type { RunTask } from "../flow/task.ts";
import type { Row } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { bootstrapLift, type BootstrapInterval } from "./bootstrap.ts";
import { meanAndSd } from "./metrics.ts";
import { createPacer } from "./pacer.ts";
import { createRandom } from "./random.ts";
import { rowBatches } from "./row-batches.ts";
import { loadScoredModels, type ScoredModel } from "./scored-models.ts";
import { compareSettings } from "./settings.ts";
import { withDatabase } from "./with-database.ts";

/** A variant and Base on one backbone, seed by seed: only seeds that both were trained with. */
interface Pairing {
  readonly backbone: string;
  readonly variant: string;
  readonly baseline: readonly ScoredModel[];
  readonly candidate: readonly ScoredModel[];
}

/**
 * Compares every variant with Base on the same backbone, seeds and test rows.
 *
 * Config: `compareSettings`. Reads results and predictions of all trained models, writes comparisons: no rows without Base.
 */
export const compare: RunTask = async (task, context) => {
  const { resamples, seed } = compareSettings.parse(task.config);
  const { models, users } = await withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    return loadScoredModels(db);
  });
  const pairings = pairWithBase(models);
  let resamplesDone = 0;
  const report = (): void => {
    const rowsTotal = pairings.length * resamples;
    context.progress({ rowsDone: resamplesDone, rowsTotal, unit: "resamples" });
  };
  const now = (): number => performance.now();
  const pace = createPacer({ signal: context.signal, now, report });
  const rows: Row[] = [];
  for (const pairing of pairings) {
    const interval = await bootstrapLift({
      baseline: pairing.baseline.map((model) => model.ranking),
      candidate: pairing.candidate.map((model) => model.ranking),
      users,
      resamples,
      // The same resamples for every pairing, so that intervals of different backbones can be laid side by side.
      random: createRandom(seed, "users").uniform,
      afterResample: async () => {
        resamplesDone++;
        await pace();
      },
    });
    rows.push(comparisonRow(pairing, interval));
  }
  report();
  return withDatabase(context, async (db) => [
    await writeBatches(
      db,
      "comparisons",
      rowBatches("comparisons", rows.length, (row) => rows[row] ?? {}),
      context,
    ),
  ]);
};

function pairWithBase(models: readonly ScoredModel[]): readonly Pairing[] {
  const groups = new Map<string, ScoredModel[]>();
  for (const model of models) {
    const name = `${model.backbone} ${model.variant}`;
    groups.set(name, [...(groups.get(name) ?? []), model]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || first.variant === "base") return [];
    const { backbone, variant } = first;
    const base = groups.get(`${backbone} base`) ?? [];
    const isIn = (others: readonly ScoredModel[]) => (model: ScoredModel) =>
      others.some(({ seed }) => seed === model.seed);
    const baseline = base.filter(isIn(group));
    const candidate = group.filter(isIn(base));
    return baseline.length === 0 ? [] : [{ backbone, variant, baseline, candidate }];
  });
}

function comparisonRow(
  { backbone, variant, baseline, candidate }: Pairing,
  interval: BootstrapInterval,
): Row {
  const base = summarise(baseline);
  const other = summarise(candidate);
  const hasAuc = base.auc !== null && other.auc !== null;
  return {
    backbone,
    variant,
    seeds: baseline.length,
    base_auc: base.auc,
    base_auc_sd: base.aucSd,
    base_logloss: base.logLoss,
    auc: other.auc,
    auc_sd: other.aucSd,
    logloss: other.logLoss,
    auc_lift: hasAuc ? other.auc - base.auc : null,
    auc_lift_low: interval.low,
    auc_lift_high: interval.high,
    auc_relative: hasAuc ? (other.auc - base.auc) / base.auc : null,
    logloss_relative: (other.logLoss - base.logLoss) / base.logLoss,
    resamples: interval.resamples,
  };
}

interface Summary {
  readonly auc: number | null;
  readonly aucSd: number | null;
  readonly logLoss: number;
}

function summarise(models: readonly ScoredModel[]): Summary {
  const logLoss = meanAndSd(models.map((model) => model.logloss)).mean;
  const aucs = models.flatMap((model) => (model.auc === null ? [] : [model.auc]));
  if (aucs.length < models.length) return { auc: null, aucSd: null, logLoss };
  const { mean, sd } = meanAndSd(aucs);
  return { auc: mean, aucSd: sd, logLoss };
}
