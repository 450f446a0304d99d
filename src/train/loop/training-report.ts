import type { TaskProgress } from "../../flow/task.ts";
import type { TrainSettings } from "../settings.ts";
import type { EpochLog, TrainingProgress } from "./training-progress.ts";
import type { Selection } from "../../base/terms.ts";

export interface ReportOptions {
  /** The model's name, e.g. `dcn r4ec seed 1`. */
  readonly name: string;
  /** Training rows per epoch. */
  readonly rows: number;
  readonly selection: Selection;
  readonly settings: Pick<TrainSettings, "batchSize" | "epochs" | "stopOn">;
  /** Whether training has ended, possibly early. */
  readonly isLast: boolean;
}

/** Progress for people: rows over all epochs, the loss so far, and the metric that chooses the epoch. */
export function trainingReport(progress: TrainingProgress, options: ReportOptions): TaskProgress {
  const { name, rows, selection, settings, isLast } = options;
  const { batchSize, epochs, stopOn } = settings;
  const { log, steps, lossSum, weightSum } = progress;
  const rowsInEpoch = Math.min(steps * batchSize, rows);
  const rowsDone = log.length * rows + rowsInEpoch;
  const last = log.at(-1);
  const loss = weightSum > 0 ? lossSum / weightSum : last?.trainLoss;
  const figure = figureShown(selection, stopOn);
  const value = last?.[figure] ?? null;
  return {
    rowsDone,
    rowsTotal: isLast ? rowsDone : epochs * rows,
    detail: {
      model: name,
      epoch: `${isLast ? log.length : Math.min(log.length + 1, epochs)}/${epochs}`,
      ...(loss !== undefined && { loss: loss.toFixed(4) }),
      ...(value !== null && { [figure]: value.toFixed(4) }),
    },
  };
}

function figureShown(selection: Selection, stopOn: TrainSettings["stopOn"]): keyof EpochLog {
  if (selection === "test") return stopOn === "auc" ? "testAuc" : "testLogLoss";
  return stopOn === "auc" ? "validAuc" : "validLogLoss";
}
