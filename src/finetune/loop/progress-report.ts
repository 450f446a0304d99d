import type { TaskProgress } from "../../flow/task.ts";
import type { AdapterProgress } from "./adapter-training.ts";

export interface ProgressReport {
  /** Whose adapter it is. */
  readonly name: string;
  /** Told with the first report. */
  readonly notes: readonly string[];
  readonly report: (progress: TaskProgress) => void;
}

/**
 * Turns what a training reports into a task's progress. Tokens of earlier attempts do not count, so that rate and remaining time are
 * those of this one.
 */
export function progressReport({
  name,
  notes,
  report,
}: ProgressReport): (progress: AdapterProgress) => void {
  let tokensBefore: number | null = null;
  return ({ epoch, epochs, tokens, tokensTotal, loss, validLoss }) => {
    const isFirst = tokensBefore === null;
    tokensBefore ??= tokens;
    report({
      rowsDone: tokens - tokensBefore,
      rowsTotal: tokensTotal - tokensBefore,
      unit: "tokens",
      ...(isFirst && notes.length > 0 && { notes }),
      detail: {
        adapter: name,
        epoch: `${epoch}/${epochs}`,
        ...(Number.isFinite(loss) && { loss: loss.toFixed(4) }),
        ...(validLoss !== null && { valid: validLoss.toFixed(4) }),
      },
    });
  };
}
