import { describe, expect, test } from "vitest";
import { FlowError } from "../../src/errors.ts";
import { iterate, type KnowledgeRow } from "../../src/knowledge/iterate.ts";
import type { Actor, Origin, Reflector } from "../../src/knowledge/roles.ts";

const actorOrigin: Origin = { provider: "script", model: "writer-1", promptVersion: "a1" };
const reflectorOrigin: Origin = { provider: "script", model: "judge-1", promptVersion: "r1" };
const ask = { signal: new AbortController().signal };

/** An actor that writes k0, k1, ... and notes what it was asked. */
function scriptedActor(failAt = -1, failure = new Error("no answer")) {
  const asked: string[] = [];
  let texts = 0;
  const answer = (question: string) => {
    asked.push(question);
    const number = texts++;
    if (number === failAt) return Promise.reject(failure);
    return Promise.resolve({ ...actorOrigin, text: `k${number}` });
  };
  const actor: Actor<string> = {
    origin: actorOrigin,
    reason: (context) => answer(`reason ${context}`),
    refine: (context, text, reflection) => answer(`refine ${context} ${text} ${reflection}`),
  };
  return { actor, asked };
}

/** A reflector that rejects the first `rejections` texts. */
function scriptedReflector(rejections: number, failAt = -1) {
  const judged: string[] = [];
  const reflector: Reflector<string> = {
    origin: reflectorOrigin,
    reflect: (_context, text) => {
      const number = judged.push(text) - 1;
      if (number === failAt) return Promise.reject(new Error("no judgement"));
      return Promise.resolve(
        number < rejections
          ? {
              ...reflectorOrigin,
              text: `no ${text}`,
              judgement: "unreasonable",
              reflection: `r${number}`,
            }
          : { ...reflectorOrigin, text: `yes ${text}`, judgement: "reasonable", reflection: null },
      );
    },
  };
  return { reflector, judged };
}

const short = (row: KnowledgeRow): string =>
  [row.round, row.task, row.error === null ? row.text : `! ${row.error}`, row.is_final ? "*" : ""]
    .join(" ")
    .trim();

async function run(rounds: number, rejections: number, failActor = -1, failReflector = -1) {
  const { actor, asked } = scriptedActor(failActor);
  const { reflector, judged } = scriptedReflector(rejections, failReflector);
  const rows = await iterate("u", { actor, reflector, rounds, ask });
  return { rows, short: rows.map(short), asked, judged };
}

describe("iterate", () => {
  test("T = 0 asks no reflector", async () => {
    const { short, judged } = await run(0, 9);
    expect(short).toEqual(["0 reason k0 *"]);
    expect(judged).toEqual([]);
  });

  test("T = 1 refines a rejected text once and does not judge the result", async () => {
    const { short, asked, judged } = await run(1, 9);
    expect(short).toEqual(["0 reason k0", "0 reflect no k0", "1 refine k1 *"]);
    expect(asked).toEqual(["reason u", "refine u k0 r0"]);
    expect(judged).toEqual(["k0"]);
  });

  test("T = 3 stops at the first reasonable text", async () => {
    const { short } = await run(3, 1);
    expect(short).toEqual(["0 reason k0", "0 reflect no k0", "1 refine k1 *", "1 reflect yes k1"]);
  });

  test("T = 3 refines three times at most, each time the latest text by the latest reflection", async () => {
    const { short, asked } = await run(3, 9);
    expect(short).toEqual([
      "0 reason k0",
      "0 reflect no k0",
      "1 refine k1",
      "1 reflect no k1",
      "2 refine k2",
      "2 reflect no k2",
      "3 refine k3 *",
    ]);
    expect(asked.slice(1)).toEqual(["refine u k0 r0", "refine u k1 r1", "refine u k2 r2"]);
  });

  test("a reasonable first text is final", async () => {
    const { rows, short } = await run(1, 0);
    expect(short).toEqual(["0 reason k0 *", "0 reflect yes k0"]);
    expect(rows[1]).toEqual({
      round: 0,
      role: "reflector",
      task: "reflect",
      text: "yes k0",
      judgement: "reasonable",
      reflection: null,
      is_final: false,
      provider: "script",
      model: "judge-1",
      prompt_version: "r1",
      error: null,
    });
  });

  test("a failed first reasoning is one row with its error and no final text", async () => {
    const { rows, short } = await run(1, 9, 0);
    expect(short).toEqual(["0 reason ! no answer"]);
    expect(rows[0]).toMatchObject({ text: null, model: "writer-1", prompt_version: "a1" });
  });

  test("a failed reflection leaves the text before it final", async () => {
    expect((await run(1, 9, -1, 0)).short).toEqual(["0 reason k0 *", "0 reflect ! no judgement"]);
  });

  test("a failed refinement leaves the text before it final", async () => {
    expect((await run(3, 9, 1)).short).toEqual([
      "0 reason k0 *",
      "0 reflect no k0",
      "1 refine ! no answer",
    ]);
  });

  test("a failure of the whole run is thrown, not kept", async () => {
    const failure = new FlowError("DEPENDENCY_MISSING", "the key is wrong");
    const { actor } = scriptedActor(0, failure);
    const { reflector } = scriptedReflector(0);
    await expect(iterate("u", { actor, reflector, rounds: 1, ask })).rejects.toBe(failure);
  });

  test("an abort is thrown before anything is asked", async () => {
    const { actor, asked } = scriptedActor();
    const { reflector } = scriptedReflector(0);
    const stop = new Error("stop");
    const options = { actor, reflector, rounds: 1, ask: { signal: AbortSignal.abort(stop) } };
    await expect(iterate("u", options)).rejects.toBe(stop);
    expect(asked).toEqual([]);
  });
});
