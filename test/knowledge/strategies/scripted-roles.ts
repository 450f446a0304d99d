import type { Actor, ActorAnswer, Ask, Origin, Reflector } from "../../../src/knowledge/roles.ts";
import type { KnowledgeRow, StepCall } from "../../../src/knowledge/strategies.ts";
import type { ChatCall } from "../../../src/llm/chat.ts";

const actorOrigin: Origin = { provider: "script", model: "writer-1", promptVersion: "a1" };
const reflectorOrigin: Origin = {
  provider: "script",
  model: "judge-1",
  promptVersion: "r1",
};

/** A call of a model with this key; nothing else about it matters here. */
export function call(key: string): ChatCall {
  return {
    key,
    provider: "script",
    model: "m",
    promptVersion: "p",
    answer: { status: "ok", text: key },
    usage: { promptTokens: 1, completionTokens: 1, cachedTokens: null },
    costUsd: null,
    latencyMs: 1,
    attempts: 1,
    isCached: false,
  };
}

/** An actor that answers each question ("reason u", "refine u k0 r0") by `answer`, and notes what it was asked. */
export function scriptedActor(answer: (question: string, ask: Ask) => string | Promise<string>) {
  const asked: string[] = [];
  const say = async (question: string, ask: Ask): Promise<ActorAnswer> => {
    asked.push(question);
    return { ...actorOrigin, text: await answer(question, ask) };
  };
  const actor: Actor<string> = {
    origin: actorOrigin,
    reason: (context, ask) => say(`reason ${context}`, ask),
    refine: (context, text, reflection, ask) => say(`refine ${context} ${text} ${reflection}`, ask),
  };
  return { actor, asked };
}

/** A reflector that objects to a text with what `objection` says, or finds it reasonable when that is null. */
export function scriptedReflector(
  objection: (text: string, ask: Ask) => string | null | Promise<string | null>,
) {
  const judged: string[] = [];
  const reflector: Reflector<string> = {
    origin: reflectorOrigin,
    reflect: async (_context, text, ask) => {
      judged.push(text);
      const reflection = await objection(text, ask);
      return reflection === null
        ? { ...reflectorOrigin, text: `yes ${text}`, judgement: "reasonable", reflection }
        : { ...reflectorOrigin, text: `no ${text}`, judgement: "unreasonable", reflection };
    },
  };
  return { reflector, judged };
}

/** A row as "sample/round task text", with "*" when it is final and "! error" in place of a text. */
export function short(row: KnowledgeRow): string {
  const what = row.error === null ? row.text : `! ${row.error}`;
  return `${row.sample}/${row.round} ${row.task} ${what ?? "null"}${row.is_final ? " *" : ""}`;
}

/** A call as "sample/round task ask key". */
export function shortCall({ sample, round, task, ask, call: { key } }: StepCall): string {
  return `${sample}/${round} ${task} ${ask} ${key}`;
}
