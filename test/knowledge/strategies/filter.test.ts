import { describe, expect, test } from "vitest";
import { FlowError } from "../../../src/base/errors.ts";
import { strategies } from "../../../src/knowledge/strategies.ts";
import { AnswerPending } from "../../../src/llm/chat.ts";
import { call, scriptedActor, scriptedReflector, short, shortCall } from "./scripted-roles.ts";

const { signal } = new AbortController();

/** What becomes of each sample: judged so, or failing at the text or at its judgement. */
type Fate = "reasonable" | "unreasonable" | "no text" | "no judgement";

async function filtered(...fates: readonly Fate[]): Promise<readonly string[]> {
  const { actor } = scriptedActor((_question, { sample }) => {
    if (fates[sample] === "no text") throw new Error("no text");
    return `k${sample}`;
  });
  const { reflector } = scriptedReflector((text) => {
    const fate = fates[Number(text.slice(1))];
    if (fate === "no judgement") throw new Error("no judgement");
    return fate === "reasonable" ? null : "wrong";
  });
  const options = { actor, reflector, rounds: 0, samples: fates.length, signal };
  const { rows } = await strategies.filter("u", options);
  return rows.map(short);
}

describe("strategies.filter", () => {
  test("keeps the texts judged reasonable", async () => {
    expect(await filtered("reasonable", "unreasonable", "reasonable")).toEqual([
      "0/0 reason k0 *",
      "0/0 reflect yes k0",
      "1/0 reason k1",
      "1/0 reflect no k1",
      "2/0 reason k2 *",
      "2/0 reflect yes k2",
    ]);
  });

  test("keeps all when none is reasonable", async () => {
    expect(await filtered("unreasonable", "unreasonable")).toEqual([
      "0/0 reason k0 *",
      "0/0 reflect no k0",
      "1/0 reason k1 *",
      "1/0 reflect no k1",
    ]);
  });

  test("a text whose judgement failed is dropped beside a reasonable one and kept where there is none", async () => {
    expect(await filtered("no judgement", "reasonable")).toEqual([
      "0/0 reason k0",
      "0/0 reflect ! no judgement",
      "1/0 reason k1 *",
      "1/0 reflect yes k1",
    ]);
    expect(await filtered("no judgement", "unreasonable")).toEqual([
      "0/0 reason k0 *",
      "0/0 reflect ! no judgement",
      "1/0 reason k1 *",
      "1/0 reflect no k1",
    ]);
  });

  test("a sample without a text is a row with its error, never final, and never judged", async () => {
    expect(await filtered("no text", "unreasonable")).toEqual([
      "0/0 reason ! no text",
      "1/0 reason k1 *",
      "1/0 reflect no k1",
    ]);
    expect(await filtered("no text", "no text")).toEqual([
      "0/0 reason ! no text",
      "1/0 reason ! no text",
    ]);
  });

  test("has all samples under way at once, and tells them in order whichever is first", async () => {
    const open = new Map<number, () => void>();
    const { actor } = scriptedActor(async (_question, { sample, onCall }) => {
      await new Promise<void>((resolve) => {
        open.set(sample, resolve);
        if (open.size === 3) for (const key of [2, 1, 0]) open.get(key)?.();
      });
      onCall(call(`a${sample}`));
      return `k${sample}`;
    });
    const { reflector, judged } = scriptedReflector((text, { sample, onCall }) => {
      expect(sample).toBe(0);
      onCall(call(`judged ${text}`));
      return null;
    });
    const options = { actor, reflector, rounds: 0, samples: 3, signal };
    const { rows, calls } = await strategies.filter("u", options);
    expect(judged.indexOf("k1")).toBeLessThan(judged.indexOf("k0"));
    expect(rows.map(({ sample }) => sample)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(calls.map(shortCall)).toEqual([
      "0/0 reason 0 a0",
      "0/0 reflect 0 judged k0",
      "1/0 reason 0 a1",
      "1/0 reflect 0 judged k1",
      "2/0 reason 0 a2",
      "2/0 reflect 0 judged k2",
    ]);
  });

  test("asks for all samples before it says that answers are pending", async () => {
    const pending = new AnswerPending("queued");
    const { actor, asked } = scriptedActor((_question, { sample }) => {
      if (sample === 0) throw pending;
      return `k${sample}`;
    });
    const { reflector, judged } = scriptedReflector((text) => {
      if (text === "k1") throw new AnswerPending("queued too");
      return null;
    });
    const options = { actor, reflector, rounds: 0, samples: 3, signal };
    await expect(strategies.filter("u", options)).rejects.toBe(pending);
    expect(asked).toHaveLength(3);
    expect(judged).toEqual(["k1", "k2"]);
  });

  test("a failure of the whole run is thrown at once, before other samples' answers are in", async () => {
    const failure = new FlowError("PROVIDER_FAILED", "the key is wrong");
    const { actor } = scriptedActor((_question, { sample }) => {
      if (sample === 0) throw new AnswerPending("queued");
      if (sample === 1) throw failure;
      return new Promise(() => undefined);
    });
    const { reflector } = scriptedReflector(() => null);
    const options = { actor, reflector, rounds: 0, samples: 3, signal };
    await expect(strategies.filter("u", options)).rejects.toBe(failure);
  });

  test("an abort is thrown before anything is asked", async () => {
    const { actor, asked } = scriptedActor(() => "k");
    const { reflector } = scriptedReflector(() => null);
    const stop = new Error("stop");
    const options = { actor, reflector, rounds: 0, samples: 2, signal: AbortSignal.abort(stop) };
    await expect(strategies.filter("u", options)).rejects.toBe(stop);
    expect(asked).toEqual([]);
  });
});
