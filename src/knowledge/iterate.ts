import { FlowError, reasonOf } from "../errors.ts";
import type { Actor, Ask, Origin, Reflector } from "./roles.ts";

/** One step of a strategy: a row of `user_knowledge` or `item_knowledge` without its subject's id. */
export interface KnowledgeRow {
  readonly round: number;
  readonly role: "actor" | "reflector";
  readonly task: "reason" | "reflect" | "refine";
  readonly text: string | null;
  readonly judgement: "reasonable" | "unreasonable" | null;
  readonly reflection: string | null;
  readonly is_final: boolean;
  readonly provider: string;
  readonly model: string;
  readonly prompt_version: string;
  readonly error: string | null;
}

/** The two roles and how often they may go round. */
export interface IterateOptions<C> {
  readonly actor: Actor<C>;
  readonly reflector: Reflector<C>;
  /** T: at most this many refinements; 0 keeps the first text and asks no reflector. */
  readonly rounds: number;
  readonly ask: Ask;
}

/**
 * Iterative refinement (R4ec): reason; then, at most `rounds` times, reflect and, unless judged reasonable, refine.
 * The last refined text is not judged again.
 *
 * Every step is a row. `is_final` marks the last text there is: a failed reflection or refinement leaves the text before
 * it final, with the error in a row of its own; when the first reasoning fails, its row is the only one and none is final.
 *
 * @throws what aborted `ask.signal`, and every `FlowError` of a role: these concern the run, not the subject
 */
export async function iterate<C>(
  context: C,
  { actor, reflector, rounds, ask }: IterateOptions<C>,
): Promise<readonly KnowledgeRow[]> {
  const rows: KnowledgeRow[] = [];
  let final = -1;

  const attempt = async <A extends Origin & { readonly text: string }>(
    step: Pick<KnowledgeRow, "round" | "role" | "task">,
    origin: Origin,
    question: () => Promise<A>,
  ): Promise<A | undefined> => {
    try {
      ask.signal.throwIfAborted();
      return await question();
    } catch (thrown) {
      if (ask.signal.aborted || thrown instanceof FlowError) throw thrown;
      rows.push({ ...row(step, origin), error: reasonOf(thrown) || "no reason given" });
      return undefined;
    }
  };

  const say = async (
    step: Pick<KnowledgeRow, "round" | "role" | "task">,
    question: () => ReturnType<Actor<C>["reason"]>,
  ): Promise<string | undefined> => {
    const answer = await attempt(step, actor.origin, question);
    if (answer === undefined) return undefined;
    final = rows.push({ ...row(step, answer), text: answer.text }) - 1;
    return answer.text;
  };

  let text = await say({ round: 0, role: "actor", task: "reason" }, () =>
    actor.reason(context, ask),
  );
  for (let round = 0; round < rounds && text !== undefined; round += 1) {
    const judged = text;
    const step = { round, role: "reflector", task: "reflect" } as const;
    const answer = await attempt(step, reflector.origin, () =>
      reflector.reflect(context, judged, ask),
    );
    if (answer === undefined) break;
    const { judgement, reflection } = answer;
    rows.push({ ...row(step, answer), text: answer.text, judgement, reflection });
    if (judgement === "reasonable") break;
    text = await say({ round: round + 1, role: "actor", task: "refine" }, () =>
      actor.refine(context, judged, reflection, ask),
    );
  }
  return rows.map((each, place) => (place === final ? { ...each, is_final: true } : each));
}

function row(step: Pick<KnowledgeRow, "round" | "role" | "task">, origin: Origin): KnowledgeRow {
  return {
    ...step,
    text: null,
    judgement: null,
    reflection: null,
    is_final: false,
    provider: origin.provider,
    model: origin.model,
    prompt_version: origin.promptVersion,
    error: null,
  };
}
