import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { JsonSchema } from "../../scripts/schema-type.ts";
import { settingsPage } from "../../scripts/settings-page.ts";

const model = z.discriminatedUnion("provider", [
  z.strictObject({ provider: z.literal("none").describe("Nobody.") }),
  z.strictObject({
    provider: z.literal("server").describe("A server."),
    url: z.url().describe("Its <address>."),
  }),
]);

const page = settingsPage(
  z.toJSONSchema(
    z.strictObject({
      name: z.string().default("run").describe("Name of the run."),
      ask: z
        .strictObject({
          first: model.default({ provider: "none" }).describe("Asked first."),
          second: model.optional().describe("Asked second."),
          prices: z.record(z.string(), z.strictObject({ prompt: z.number().min(0) })).optional(),
          mode: z.enum(["a", "b"]).default("a").describe("a | b."),
        })
        .describe("Who is asked.")
        .prefault({}),
    }),
    { io: "input" },
  ) as JsonSchema,
);

describe("settingsPage", () => {
  test("gives key, type, default and meaning of every setting", () => {
    expect(page).toContain('| `name` | text | `"run"` | Name of the run. |');
    expect(page).toContain('| `ask.mode` | `a`, `b` | `"a"` | a \\| b. |');
    expect(page).toContain("| `ask.prices.*.prompt` | number ≥ 0 | **required** |  |");
  });

  test("describes a setting with several forms once, and says which form has which key", () => {
    expect(page).toContain("- `provider: server`: A server.");
    expect(page).toContain(
      "| `ask.first.url` | `server` | uri | **required** | Its \\<address\\>. |",
    );
    expect(page).toContain("| `ask.second` | as [ask.first](#askfirst) |  | Asked second. |");
    expect(page).not.toContain("### ask.second");
  });
});
