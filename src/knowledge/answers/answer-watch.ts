import type { FlowError } from "../../base/errors.ts";
import type { FaultKind } from "../../base/retry-policy.ts";
import { errorCounter } from "../../flow/error-limit.ts";
import type { TaskContext } from "../../flow/task.ts";
import { answerLimit } from "./answer-limit.ts";
import { roleFailure, type FailedRole } from "./role-failure.ts";
import type { KnowledgeSettings } from "../settings.ts";

/** Watches the answers in all tasks of a stage. */
export interface AnswerWatch {
  /** Counts a row without an answer. @throws `TOO_MANY_ERRORS` beyond `knowledge.maxErrors`, with the same error for later tasks */
  readonly count: (what: string, kind: string) => void;
  /**
   * Notes how a role's prompt ended; `failure` is null for a usable answer, also a cached one.
   *
   * @throws `PROVIDER_FAILED` when none of the first prompts of a role has a usable answer
   */
  readonly note: (role: WatchedRole, failure: Failure | null) => void;
  /** Aborted with that error, so that nothing more is sent by any task. */
  readonly ended: AbortSignal;
  readonly close: () => Promise<void>;
}

/** Whose prompts are counted together. */
export type WatchedRole = Pick<FailedRole, "who" | "setting" | "model">;

interface Failure {
  readonly kind: FaultKind | "other";
  readonly reason: string;
}

/** How the first prompts of a role ended. */
interface Trial {
  isPassed: boolean;
  readonly failures: Failure[];
  /** Once the role has failed as a whole. */
  error: FlowError | null;
}

/** A role that has no usable answer after this many prompts ends the run. */
const trialPrompts = 20;

/** The watch that all tasks of a stage share. */
export function answerWatch(
  settings: Pick<KnowledgeSettings, "maxErrors">,
  { shared }: Pick<TaskContext, "shared">,
): Promise<AnswerWatch> {
  return shared("answer watch", () => {
    const count = errorCounter(answerLimit(settings));
    const trials = new Map<string, Trial>();
    const ending = new AbortController();
    const note: AnswerWatch["note"] = (role, failure) => {
      const name = JSON.stringify([role.who, role.model]);
      const trial = trials.get(name) ?? { isPassed: false, failures: [], error: null };
      trials.set(name, trial);
      if (failure === null) trial.isPassed = true;
      if (trial.error !== null) throw trial.error;
      if (trial.isPassed || failure === null) return;
      trial.failures.push(failure);
      if (trial.failures.length < trialPrompts) return;
      const kinds: Record<string, number> = {};
      for (const { kind } of trial.failures) kinds[kind] = (kinds[kind] ?? 0) + 1;
      const firstError = trial.failures[0]?.reason ?? "";
      const prompts = `its first ${trial.failures.length} prompts`;
      trial.error = roleFailure({ ...role, kinds, firstError }, prompts);
      ending.abort(trial.error);
      throw trial.error;
    };
    return Promise.resolve({ count, note, ended: ending.signal, close: () => Promise.resolve() });
  });
}
