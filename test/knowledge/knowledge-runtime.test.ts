import { describe, expect, test } from "vitest";
import { errorAllowance } from "../../src/knowledge/knowledge-runtime.ts";
import { knowledgeSettings } from "../../src/knowledge/settings.ts";

/** Counts that many errors, `user 1` and on; what each was answered with. */
async function countErrors(maxErrors: number | undefined, errors: number) {
  const knowledge = knowledgeSettings.parse({ maxErrors });
  const { count } = await errorAllowance({ knowledge }, { shared: (_key, create) => create() });
  return Array.from({ length: errors }, (_none, place) => {
    try {
      count(`user ${place + 1}`);
      return null;
    } catch (error) {
      return error;
    }
  });
}

describe("errorAllowance", () => {
  test("stops at the first error too many, and tells all tasks that come to it later of that one", async () => {
    const [first, second, third, fourth] = await countErrors(2, 4);
    expect([first, second]).toEqual([null, null]);
    expect(third).toMatchObject({
      code: "TOO_MANY_ERRORS",
      message: expect.stringMatching(
        /^3 prompts have no answer, more than knowledge\.maxErrors = 2; the last: user 3\./,
      ) as string,
    });
    expect(fourth).toBe(third);
  });

  test("counts without end where nothing is said", async () => {
    expect(await countErrors(undefined, 3)).toEqual([null, null, null]);
  });
});
