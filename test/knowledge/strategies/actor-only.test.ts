import { describe, expect, test } from "vitest";
import { strategies } from "../../../src/knowledge/strategies.ts";
import { call, scriptedActor, scriptedReflector, short, shortCall } from "./scripted-roles.ts";

const { signal } = new AbortController();

describe.each(["reason", "kar"] as const)("strategies.%s", (name) => {
  test("takes the actor's only text and asks no reflector", async () => {
    const { actor, asked } = scriptedActor((_question, { onCall, sample }) => {
      onCall(call("a"));
      return `k of sample ${sample}`;
    });
    const { reflector, judged } = scriptedReflector(() => "never");
    const options = { actor, reflector, rounds: 3, samples: 3, signal };
    const { rows, calls } = await strategies[name]("u", options);
    expect(rows.map(short)).toEqual(["0/0 reason k of sample 0 *"]);
    expect(calls.map(shortCall)).toEqual(["0/0 reason 0 a"]);
    expect(asked).toEqual(["reason u"]);
    expect(judged).toEqual([]);
  });

  test("a failure is a row with its error, and none is final", async () => {
    const { actor } = scriptedActor(() => {
      throw new Error("");
    });
    const { reflector } = scriptedReflector(() => null);
    const options = { actor, reflector, rounds: 1, samples: 1, signal };
    const { rows } = await strategies[name]("u", options);
    expect(rows.map(short)).toEqual(["0/0 reason ! no reason given"]);
  });
});
