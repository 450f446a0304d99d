import { describe, expect, test } from "vitest";
import { answerWatch, type AnswerWatch } from "../../src/knowledge/answers/answer-watch.ts";
import { knowledgeSettings } from "../../src/knowledge/settings.ts";

const watchWith = (maxErrors?: number): Promise<AnswerWatch> =>
  answerWatch(knowledgeSettings.parse({ maxErrors }), { shared: (_key, create) => create() });

/** What each of several goes threw; null for those that threw nothing. */
function thrown(times: number, go: (time: number) => void): readonly unknown[] {
  return Array.from({ length: times }, (_, time) => {
    try {
      go(time);
      return null;
    } catch (error) {
      return error;
    }
  });
}

const writer = { who: "the actor about users", setting: "knowledge.actor", model: "m-7" };
const judge = {
  who: "the reflector about users",
  setting: "knowledge.users.reflector",
  model: "m-7",
};

describe("the watch counts rows without an answer, and", () => {
  test("stops at the first too many, and tells all tasks that come to it later of that one", async () => {
    const { count } = await watchWith(2);
    const [first, second, third, fourth] = thrown(4, (time) => {
      count(`user ${time + 1}`, time === 1 ? "empty" : "length");
    });
    expect([first, second]).toEqual([null, null]);
    expect(third).toMatchObject({
      code: "TOO_MANY_ERRORS",
      message: expect.stringMatching(
        /^3 prompts have no answer, more than knowledge\.maxErrors = 2 allows: 3 errors \(length 2, empty 1\); the last: user 3\. .*--retry length,empty/,
      ) as string,
    });
    expect(fourth).toBe(third);
  });

  test("goes on where the limit is a share, which only the end of the stage can tell", async () => {
    for (const limit of [undefined, 0.01]) {
      const { count } = await watchWith(limit);
      const all = thrown(99, () => {
        count("user 1", "length");
      });
      expect(all).toEqual(Array(99).fill(null));
    }
  });

  test("stops at the first where none is allowed", async () => {
    const { count } = await watchWith(0);
    const [first] = thrown(1, () => {
      count("user 1", "other");
    });
    expect(first).toMatchObject({
      message: expect.stringMatching(
        /^1 prompt has no answer, more than knowledge\.maxErrors = 0 allows: .* and run again, which/,
      ) as string,
    });
  });
});

describe("the watch ends the run for a role that fails as a whole:", () => {
  test.each([
    ["length", "the answer was cut off", "knowledge.actor.sampling.maxTokens"],
    ["empty", "the answer is empty", "reasoning_content"],
    ["rejected", "the server answered 422: seed", "structured: tags"],
    ["filtered", "a content filter withheld the answer", "content filter"],
    ["unreadable", "unreadable answer: Hm", "follow the form"],
    ["failed", "no answer in 6 attempts", "the server's log"],
  ] as const)("%s twenty times, with what was seen and a cure", async (kind, reason, cure) => {
    const { note, ended } = await watchWith();
    const all = thrown(20, () => {
      expect(ended.aborted).toBe(false);
      note(writer, { kind, reason });
    });
    expect(all.slice(0, 19).every((error) => error === null)).toBe(true);
    expect(all[19]).toMatchObject({ code: "PROVIDER_FAILED" });
    const { message } = all[19] as Error;
    expect(message).toContain(
      `the actor about users, model m-7: none of its first 20 prompts got a usable answer (${kind} 20). The first: ${reason}`,
    );
    expect(message).toContain(cure);
    expect(ended.reason).toBe(all[19]);
  });

  test("in several ways together, whose cures it names by the role's own settings", async () => {
    const { note } = await watchWith();
    const kinds = ["length", "empty"] as const;
    const all = thrown(20, (time) => {
      note(judge, { kind: kinds[time % 2] ?? "empty", reason: "none" });
    });
    expect((all[19] as Error).message).toContain("(length 10, empty 10)");
    expect((all[19] as Error).message).toContain(
      "raise knowledge.users.reflector.sampling.maxTokens",
    );
  });

  test("not when one answer among them could be used, whatever comes later", async () => {
    const { note } = await watchWith();
    const failure = { kind: "rejected", reason: "no" } as const;
    expect(
      thrown(19, () => {
        note(writer, failure);
      }).every((error) => error === null),
    ).toBe(true);
    note(writer, null);
    expect(
      thrown(99, () => {
        note(writer, failure);
      }).every((error) => error === null),
    ).toBe(true);
  });

  test("each role by itself: the actor's answers say nothing about the reflector", async () => {
    const { note } = await watchWith();
    const all = thrown(20, () => {
      note(writer, null);
      note(judge, { kind: "unreadable", reason: "no" });
    });
    expect((all[19] as Error).message).toMatch(/^the reflector about users/);
  });
});
