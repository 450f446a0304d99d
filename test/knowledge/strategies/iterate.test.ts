import { describe, expect, test } from "vitest";
import { FlowError } from "../../../src/base/errors.ts";
import { strategies } from "../../../src/knowledge/strategies.ts";
import { AnswerPending } from "../../../src/llm/chat.ts";
import { call, scriptedActor, scriptedReflector, short, shortCall } from "./scripted-roles.ts";

const { signal } = new AbortController();

/** The actor writes k0, k1, ...; the reflector rejects the first `rejections` of them with r0, r1, ... */
function script(rejections: number, failActor = -1, failReflector = -1, failure?: Error) {
  let texts = 0;
  const { actor, asked } = scriptedActor(() => {
    const number = texts++;
    if (number === failActor) throw failure ?? new Error("no answer");
    return `k${number}`;
  });
  const { reflector, judged } = scriptedReflector((text) => {
    const number = Number(text.slice(1));
    if (number === failReflector) throw failure ?? new Error("no judgement");
    return number < rejections ? `r${number}` : null;
  });
  const iterate = async (rounds: number, judgeLast = false) => {
    const options = { actor, reflector, rounds, judgeLast, samples: 9, signal };
    const { rows, calls } = await strategies.iterate("u", options);
    return { rows, calls, short: rows.map(short) };
  };
  return { iterate, asked, judged };
}

describe("strategies.iterate", () => {
  test("T = 0 asks no reflector", async () => {
    const { iterate, judged } = script(9);
    expect((await iterate(0)).short).toEqual(["0/0 reason k0 *"]);
    expect(judged).toEqual([]);
  });

  test("T = 1 refines a rejected text once and does not judge the result", async () => {
    const { iterate, asked, judged } = script(9);
    expect((await iterate(1)).short).toEqual([
      "0/0 reason k0",
      "0/0 reflect no k0",
      "0/1 refine k1 *",
    ]);
    expect(asked).toEqual(["reason u", "refine u k0 r0"]);
    expect(judged).toEqual(["k0"]);
  });

  test.each([0, 1, 3])(
    "T = %i with judgeLast judges the last text too, and changes none",
    async (rounds) => {
      const usual = (await script(9).iterate(rounds)).short;
      const { iterate, asked, judged } = script(9);
      const { short: judging } = await iterate(rounds, true);
      expect(judging).toEqual([...usual, `0/${rounds} reflect no k${rounds}`]);
      expect(judged.at(-1)).toBe(`k${rounds}`);
      expect(asked).toHaveLength(rounds + 1);
    },
  );

  test("judgeLast asks nothing more about a text that was judged reasonable on the way", async () => {
    const { iterate, judged } = script(1);
    await iterate(3, true);
    expect(judged).toEqual(["k0", "k1"]);
  });

  test("T = 3 stops at the first reasonable text", async () => {
    expect((await script(1).iterate(3)).short).toEqual([
      "0/0 reason k0",
      "0/0 reflect no k0",
      "0/1 refine k1 *",
      "0/1 reflect yes k1",
    ]);
  });

  test("T = 3 refines three times at most, each time the latest text by the latest reflection", async () => {
    const { iterate, asked } = script(9);
    expect((await iterate(3)).short).toEqual([
      "0/0 reason k0",
      "0/0 reflect no k0",
      "0/1 refine k1",
      "0/1 reflect no k1",
      "0/2 refine k2",
      "0/2 reflect no k2",
      "0/3 refine k3 *",
    ]);
    expect(asked.slice(1)).toEqual(["refine u k0 r0", "refine u k1 r1", "refine u k2 r2"]);
  });

  test("a reasonable first text is final; rows say who answered and name the reflection", async () => {
    const common = { sample: 0, round: 0, provider: "script", error: null };
    const actor = { ...common, role: "actor", task: "reason", model: "writer-1" };
    const reflector = { ...common, role: "reflector", task: "reflect", model: "judge-1" };
    const versions = { actor: { prompt_version: "a1" }, reflector: { prompt_version: "r1" } };
    const unjudged = { judgement: null, reflection: null };
    expect((await script(0).iterate(1)).rows).toEqual([
      { ...actor, ...versions.actor, ...unjudged, text: "k0", is_final: true },
      {
        ...reflector,
        ...versions.reflector,
        text: "yes k0",
        judgement: "reasonable",
        reflection: null,
        is_final: false,
      },
    ]);
    expect((await script(1).iterate(1)).rows[1]).toMatchObject({
      judgement: "unreasonable",
      reflection: "r0",
    });
  });

  test("a failed first reasoning is one row with its error and no final text", async () => {
    const { rows, short } = await script(9, 0).iterate(1);
    expect(short).toEqual(["0/0 reason ! no answer"]);
    expect(rows[0]).toMatchObject({ text: null, model: "writer-1", prompt_version: "a1" });
  });

  test("a failed reflection leaves the text before it final", async () => {
    expect((await script(9, -1, 0).iterate(1)).short).toEqual([
      "0/0 reason k0 *",
      "0/0 reflect ! no judgement",
    ]);
  });

  test("a failed refinement leaves the text before it final", async () => {
    expect((await script(9, 1).iterate(3)).short).toEqual([
      "0/0 reason k0 *",
      "0/0 reflect no k0",
      "0/1 refine ! no answer",
    ]);
  });

  test.each<{ what: string; failure: Error }>([
    { what: "a failure of the whole run", failure: new FlowError("BUDGET_SPENT", "none left") },
    { what: "a pending answer", failure: new AnswerPending("queued") },
  ])("$what is thrown, not kept, whoever meets it", async ({ failure }) => {
    await expect(script(9, 0, -1, failure).iterate(1)).rejects.toBe(failure);
    await expect(script(9, 1, -1, failure).iterate(1)).rejects.toBe(failure);
    await expect(script(9, -1, 0, failure).iterate(1)).rejects.toBe(failure);
  });

  test("an abort is thrown before anything is asked", async () => {
    const { actor, asked } = scriptedActor(() => "k0");
    const { reflector } = scriptedReflector(() => null);
    const stop = new Error("stop");
    const options = { actor, reflector, rounds: 1, samples: 1, signal: AbortSignal.abort(stop) };
    await expect(strategies.iterate("u", options)).rejects.toBe(stop);
    expect(asked).toEqual([]);
  });

  test("an answer that fails because of an abort is no error of the subject", async () => {
    const controller = new AbortController();
    const { actor } = scriptedActor(() => {
      controller.abort();
      throw new Error("connection closed");
    });
    const { reflector } = scriptedReflector(() => null);
    const options = { actor, reflector, rounds: 1, samples: 1, signal: controller.signal };
    await expect(strategies.iterate("u", options)).rejects.toThrow("connection closed");
  });

  test("calls are kept by step and counted within it, those of a failed step too", async () => {
    const { actor } = scriptedActor((question, { onCall, sample }) => {
      expect(sample).toBe(0);
      onCall(call(`${question} first`));
      if (question !== "reason u") throw new Error("unreadable");
      return "k0";
    });
    const { reflector } = scriptedReflector((_text, { onCall }) => {
      onCall(call("unreadable"));
      onCall(call("readable"));
      return "r0";
    });
    const options = { actor, reflector, rounds: 2, samples: 1, signal };
    const { rows, calls } = await strategies.iterate("u", options);
    expect(rows.at(-1)?.error).toBe("unreadable");
    expect(calls.map(shortCall)).toEqual([
      "0/0 reason 0 reason u first",
      "0/0 reflect 0 unreadable",
      "0/0 reflect 1 readable",
      "0/1 refine 0 refine u k0 r0 first",
    ]);
    expect(calls.map(({ role }) => role)).toEqual(["actor", "reflector", "reflector", "actor"]);
  });
});
