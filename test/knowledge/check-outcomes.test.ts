import { describe, expect, test } from "vitest";
import type { Outcomes } from "../../src/flow/outcomes.ts";
import type { FileRef } from "../../src/flow/task.ts";
import { checkOutcomes } from "../../src/knowledge/answers/check-outcomes.ts";
import { knowledgeSettings } from "../../src/knowledge/settings.ts";
import { watchedRole } from "../../src/knowledge/answers/watched-role.ts";

type Ends = Readonly<Record<string, number>>;

function part(
  subject: "user" | "item",
  makers?: Readonly<Record<string, Ends>>,
  rows = 10,
): FileRef {
  const outcomes: Outcomes | undefined =
    makers &&
    Object.fromEntries(
      Object.entries(makers).map(([maker, ends]) => [
        maker,
        { ends, ...("ok" in ends && Object.keys(ends).length === 1 ? {} : { firstError: "no." }) },
      ]),
    );
  return {
    ...{ table: `${subject}_knowledge`, path: "p", rows, bytes: 1, sha256: "" },
    ...(outcomes && { outcomes }),
  };
}

function messageOf(parts: readonly FileRef[], maxErrors?: number): string | null {
  const knowledge = knowledgeSettings.parse({
    maxErrors: maxErrors ?? 1000,
    users: { reflector: { provider: "openai", model: "judge-2" } },
  });
  try {
    checkOutcomes(parts, {
      knowledge,
      tables: ["user_knowledge", "item_knowledge"],
      roleOf: ({ table }, maker) =>
        watchedRole(
          knowledge,
          table === "user_knowledge" ? "user" : "item",
          maker === "reflector" ? "reflector" : "actor",
        ),
    });
    return null;
  } catch (error) {
    expect(error).toMatchObject({
      code: maxErrors === undefined ? "PROVIDER_FAILED" : "TOO_MANY_ERRORS",
    });
    return error instanceof Error ? error.message : String(error);
  }
}

describe("checkOutcomes", () => {
  test("refuses a role without a usable answer in any part, where its settings are and what was seen", () => {
    const message = messageOf([
      part("user", { actor: { ok: 5 }, reflector: { length: 3 } }),
      part("user", { actor: { ok: 4 }, reflector: { length: 1, empty: 2 } }),
      part("item"),
    ]);
    expect(message).toContain(
      "the reflector about users, model judge-2: none of its 6 prompts got a usable answer (length 4, empty 2). The first: no.",
    );
    expect(message).toContain("knowledge.users.reflector.sampling.maxTokens");
  });

  test.each<[string, readonly FileRef[]]>([
    ["without errors", [part("user"), part("item")]],
    ["with one usable answer of the role", [part("user", { reflector: { length: 9, ok: 1 } })]],
    [
      "with a usable answer in another part",
      [
        part("user", { reflector: { length: 9 } }),
        part("user", { reflector: { ok: 1, empty: 1 } }),
      ],
    ],
    [
      "with another part that has no errors at all",
      [part("user", { actor: { failed: 10 } }), part("user")],
    ],
    ["where the role was not asked", [part("user", { actor: { ok: 1, empty: 2 } })]],
  ])("lets a stage be complete %s", (_what, parts) => {
    expect(messageOf(parts)).toBeNull();
  });

  test("is not misled by a part without rows, or by the other subject", () => {
    const failed = { actor: { rejected: 2 } };
    expect(messageOf([part("user", failed), part("user", undefined, 0), part("item")])).toContain(
      "the actor about users, model profiler: none of its 2 prompts",
    );
  });

  test("counts all errors against the most that are allowed", () => {
    const parts = [
      part("user", { actor: { ok: 8, length: 2 } }),
      part("item", { actor: { ok: 9, empty: 1 } }),
    ];
    expect(messageOf(parts, 3)).toBeNull();
    expect(messageOf(parts, 2)).toContain(
      "3 of 20 prompts have no answer, more than knowledge.maxErrors = 2 allows: 3 errors (length 2, empty 1); the first: no. Every answer",
    );
  });

  test("counts a share of all prompts, also those of parts without errors, but not other tables' rows", () => {
    const parts = [
      part("user", { actor: { ok: 8, filtered: 2 } }),
      part("item", { actor: { ok: 9, other: 1 } }),
      part("item"),
      { ...part("item"), table: "requests" },
    ];
    expect(messageOf(parts, 0.1)).toBeNull();
    const message = messageOf(parts, 0.07);
    expect(message).toContain(
      "3 of 30 prompts have no answer, more than knowledge.maxErrors = 0.07 (7 %) allows: 3 errors (filtered 2, other 1); the first: no.",
    );
    expect(message).toContain("with --retry filtered, which");
  });
});
