/** @file The differences between runs that have the same test rows, and why others have none. */
import { groupBy } from "../../base/group-by.ts";
import type { ModelIdentity } from "../../base/terms.ts";
import { correctedP } from "../../experiments/differences.ts";
import { modelDifference } from "../../experiments/runs/model-difference.ts";
import { resampleModels, type ResampledModel } from "../../experiments/runs/resample-models.ts";
import type { TestRows } from "../../experiments/runs/test-rows.ts";
import type {
  ComparedRun,
  NotPaired,
  RunComparison,
  RunDifference,
} from "../../report/compare/run-comparison.ts";
import { nothingInCommon, whyNotPaired } from "../../report/compare/why-not-paired.ts";
import type { ModelResult, RunResults } from "../../report/run-results.ts";
import type { PipelineSettings } from "../settings.ts";
import { withRunTables } from "../with-run-tables.ts";

export interface ReadOptions {
  readonly signal: AbortSignal;
}

type Uncorrected = Omit<RunDifference, "aucPHolm" | "loglossPHolm">;

/** A run as it was read. */
export interface ReadRun {
  readonly run: ComparedRun;
  /** Absolute. */
  readonly runDir: string;
  readonly results: RunResults;
  readonly testRows: TestRows | null;
  readonly compare: PipelineSettings["compare"];
}

/**
 * Compares every run but the first with the first, by the first run's `compare` settings.
 *
 * @throws `INPUT_INVALID` if a model's predictions are incomplete
 */
export async function differencesOf(
  [first, ...others]: readonly ReadRun[],
  options: ReadOptions,
): Promise<Pick<RunComparison, "differences" | "notPaired">> {
  const differences: Uncorrected[] = [];
  const notPaired: NotPaired[] = [];
  if (first === undefined) return { differences: [], notPaired };
  const known = new Map<string, readonly ResampledModel[]>();
  for (const other of others) {
    const common = commonModels(first, other);
    const { run } = other.run;
    if (!haveSameRows(first, other)) {
      const sides = [first, other].map(({ run, results }) => ({ run, settings: results.settings }));
      const [a, b] = sides;
      if (a !== undefined && b !== undefined) notPaired.push({ run, reasons: whyNotPaired(a, b) });
    } else if (common.length === 0) {
      notPaired.push({ run, reasons: [nothingInCommon(first.run, other.run)] });
    } else {
      differences.push(...(await differencesTo(first, other, common, known, options)));
    }
  }
  return { differences: corrected(differences), notPaired };
}

/** All differences of a comparison are one family. */
function corrected(differences: readonly Uncorrected[]): readonly RunDifference[] {
  const family = (): readonly unknown[] => [];
  const auc = correctedP(differences, family, ({ aucP }) => aucP);
  const logloss = correctedP(differences, family, ({ loglossP }) => loglossP);
  return differences.map((difference, place) => ({
    ...difference,
    ...{ aucPHolm: auc[place] ?? null, loglossPHolm: logloss[place] ?? null },
  }));
}

function haveSameRows(first: ReadRun, other: ReadRun): boolean {
  if (first.testRows === null || other.testRows === null) return false;
  if (first.results.seeds.length === 0 || other.results.seeds.length === 0) return false;
  return first.testRows.fingerprint === other.testRows.fingerprint;
}

/** Models of the selected trials. */
function selectedIn({ results }: ReadRun): readonly ModelResult[] {
  return results.models.filter(({ isSelected }) => isSelected);
}

const nameOf = ({ backbone, variant, seed }: Omit<ModelIdentity, "trial">): string =>
  JSON.stringify([backbone, variant, seed]);

/** The selected models of a run whose backbone, variant and seed the first run has too. */
function commonModels(first: ReadRun, other: ReadRun): readonly ModelResult[] {
  const known = new Set(selectedIn(first).map(nameOf));
  return selectedIn(other).filter((model) => known.has(nameOf(model)));
}

async function differencesTo(
  first: ReadRun,
  other: ReadRun,
  common: readonly ModelResult[],
  known: Map<string, readonly ResampledModel[]>,
  options: ReadOptions,
): Promise<readonly Uncorrected[]> {
  const names = new Set(common.map(nameOf));
  const resampled = async (run: ReadRun): Promise<readonly ResampledModel[]> => {
    const wanted = selectedIn(run).filter((model) => names.has(nameOf(model)));
    const identities = new Set(wanted.map((model) => `${nameOf(model)} ${model.trial}`));
    return withRunTables(
      run.runDir,
      ({ db }) =>
        resampleModels(db, (model) => identities.has(`${nameOf(model)} ${model.trial}`), {
          ...{ resamples: first.compare.resamples, seed: first.compare.seed },
          signal: options.signal,
        }),
      options,
    );
  };
  const key = [...names].sort().join();
  const before = known.get(key) ?? (await resampled(first));
  known.set(key, before);
  const after = await resampled(other);
  return groupBy(after, ({ backbone, variant }) => [backbone, variant]).flatMap((candidate) => {
    const [{ backbone, variant } = { backbone: "", variant: "" }] = candidate;
    const baseline = before.filter(
      (model) => model.backbone === backbone && model.variant === variant,
    );
    const difference = modelDifference(baseline, candidate);
    if (difference?.auc == null) return [];
    return {
      ...{ run: other.run.run, baseline: first.run.run, backbone, variant },
      seeds: difference.seeds,
      ...{
        aucDifference: difference.auc,
        aucInterval: difference.aucInterval,
        aucP: difference.aucP,
      },
      loglossDifference: difference.logloss,
      ...{ loglossInterval: difference.loglossInterval, loglossP: difference.loglossP },
      resamples: difference.resamples,
    };
  });
}
