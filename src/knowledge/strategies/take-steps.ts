import { FlowError, reasonOf } from "../../base/errors.ts";
import { AnswerPending } from "../../llm/chat.ts";
import type { KnowledgeRow, Step } from "../knowledge-row.ts";
import type { Ask, Origin, ReflectorAnswer } from "../roles.ts";
import { NoAnswer } from "../answers/no-answer.ts";
import type { StepCall, StepFailure, StrategyOptions, StrategyResult } from "./strategy.ts";

/** The steps towards one text of a subject. Each returns `undefined` on failure, after adding a row with the error. */
export interface Steps extends StrategyResult {
  readonly reason: () => Promise<string | undefined>;
  /** @param round - of the text */
  readonly reflect: (round: number, text: string) => Promise<ReflectorAnswer | undefined>;
  /** @param round - of the text to be written */
  readonly refine: (
    round: number,
    previousText: string,
    reflection: string,
  ) => Promise<string | undefined>;
}

/**
 * Asks the roles about a context and collects the calls and one row per step. No row is marked final yet.
 *
 * @param sample - Which of the subject's texts, from 0
 */
export function takeSteps<C>(
  context: C,
  { actor, reflector, signal }: Omit<StrategyOptions<C>, "rounds" | "judgeLast" | "samples">,
  sample: number,
): Steps {
  const rows: KnowledgeRow[] = [];
  const calls: StepCall[] = [];
  const failures: StepFailure[] = [];

  const take = async <A extends Origin & { readonly text: string }>(
    step: Step,
    origin: Origin,
    question: (ask: Pick<Ask, "signal" | "onCall">) => Promise<A>,
    judgementOf: (answer: A) => Pick<KnowledgeRow, "judgement" | "reflection">,
  ): Promise<A | undefined> => {
    let asked = 0;
    const onCall: Ask["onCall"] = (call) => {
      const { sample: text, round, role, task } = step;
      calls.push({ sample: text, round, role, task, ask: asked, call });
      asked += 1;
    };
    try {
      signal.throwIfAborted();
      const answer = await question({ signal, onCall });
      rows.push(rowOf(step, answer, { text: answer.text, error: null, ...judgementOf(answer) }));
      return answer;
    } catch (thrown) {
      if (concernsRun(thrown, signal)) throw thrown;
      const error = reasonOf(thrown) || "no reason given";
      rows.push(rowOf(step, origin, { text: null, error, judgement: null, reflection: null }));
      const kind = thrown instanceof NoAnswer ? thrown.kind : "other";
      failures.push({ role: step.role, kind, reason: error });
      return undefined;
    }
  };

  const write = async (
    step: Pick<Step, "round" | "task">,
    question: (ask: Ask) => ReturnType<typeof actor.reason>,
  ): Promise<string | undefined> => {
    const answer = await take(
      { sample, role: "actor", ...step },
      actor.origin,
      (ask) => question({ ...ask, sample }),
      () => ({ judgement: null, reflection: null }),
    );
    return answer?.text;
  };

  return {
    rows,
    calls,
    failures,
    reason: () => write({ round: 0, task: "reason" }, (ask) => actor.reason(context, ask)),
    refine: (round, previousText, reflection) =>
      write({ round, task: "refine" }, (ask) =>
        actor.refine(context, previousText, reflection, ask),
      ),
    reflect: (round, text) =>
      take(
        { sample, round, role: "reflector", task: "reflect" },
        reflector.origin,
        // Always sample 0: two samples with the same wording ask the same question and get the same judgement.
        (ask) => reflector.reflect(context, text, { ...ask, sample: 0 }),
        ({ judgement, reflection }) => ({ judgement, reflection }),
      ),
  };
}

/** The rows with the last text marked as final, if there is one. */
export function withLastTextFinal(rows: readonly KnowledgeRow[]): readonly KnowledgeRow[] {
  const last = rows.findLastIndex(({ role, text }) => role === "actor" && text !== null);
  return rows.map((row, place) => (place === last ? { ...row, is_final: true } : row));
}

function concernsRun(thrown: unknown, signal: AbortSignal): boolean {
  return signal.aborted || thrown instanceof FlowError || thrown instanceof AnswerPending;
}

/** Field by field: spreading a row costs more than the rest of a step. */
function rowOf(
  { sample, round, role, task }: Step,
  { provider, model, promptVersion }: Origin,
  {
    text,
    judgement,
    reflection,
    error,
  }: Pick<KnowledgeRow, "text" | "judgement" | "reflection" | "error">,
): KnowledgeRow {
  return {
    sample,
    round,
    role,
    task,
    text,
    judgement,
    reflection,
    is_final: false,
    provider,
    model,
    prompt_version: promptVersion,
    error,
  };
}
