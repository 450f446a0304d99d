import { describe, expect, test } from "vitest";
import { checkTexts, givenTextLimit, textLimit } from "../../src/encode/text-errors.ts";
import type { FileRef } from "../../src/flow/task.ts";

function part(rows: number, ends?: Readonly<Record<string, number>>): FileRef {
  return {
    ...{ table: "requests", path: "p", rows, bytes: 1, sha256: "" },
    ...(ends && { outcomes: { m: { ends, firstError: "item 7: the server answered 400: no." } } }),
  };
}

const check = (parts: readonly FileRef[], maxErrors: number): (() => void) => {
  return () => {
    checkTexts(parts, textLimit({ maxErrors }), "requests");
  };
};

describe("checkTexts", () => {
  test("lets a share of all texts be without a vector, those of parts without errors included", () => {
    const parts = [part(4, { ok: 3, rejected: 1 }), part(16)];
    expect(check(parts, 0.05)).not.toThrow();
    expect(check(parts, 1)).not.toThrow();
    expect(check(parts, 0.04)).toThrow(
      "1 of 20 texts has no vector, more than encode.maxErrors = 0.04 (4 %) allows: 1 error (rejected 1); " +
        "the first: item 7: the server answered 400: no. Every vector is kept. Mend the cause and run again with --retry rejected, which",
    );
  });

  test("does not count the rows of other tables", () => {
    const vectors = { ...part(1000), table: "item_embeddings" };
    expect(check([vectors, part(4, { ok: 3, failed: 1 })], 0.2)).toThrow("1 of 4 texts has no");
  });

  test("refuses a stage in which no text has a vector, whatever is allowed", () => {
    const parts = [part(2, { rejected: 2 }), part(1, { filtered: 1 })];
    expect(check(parts, 9)).toThrow(
      /^m encoded none of 3 texts; item 7: the server answered 400: no\.\. Check encode\.encoder/,
    );
    expect(check([part(0)], 0)).not.toThrow();
  });

  test("names the option of r4ec encode, which has no --retry", () => {
    const go = (): void => {
      const limit = givenTextLimit({ maxErrors: 0 });
      checkTexts([part(4, { ok: 3, failed: 1 })], limit, "requests");
    };
    expect(go).toThrow("more than --max-errors = 0 allows");
    expect(go).toThrow("Mend the cause and run again, which asks only for what is missing; or");
  });
});
