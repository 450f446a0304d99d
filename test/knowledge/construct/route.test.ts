import type { Parsed } from "../../../src/knowledge/chat/ask-and-parse.ts";
import { describe, expect, test } from "vitest";
import { decide, type Answers, type Decision } from "../../../src/knowledge/construct/route.ts";

const parsed = <A>(answer: A): Parsed<A> => ({ status: "read", answer });
const says = (verdict: "like" | "dislike", text: string) => parsed({ text, verdict });
const reasonable = parsed({ judgement: "reasonable", reflection: null } as const);
const rejects = (reflection: string) => parsed({ judgement: "unreasonable", reflection } as const);
const fault = (status: "filtered" | "unreadable") => ({ status, reason: "why" });

const right = says("like", "k");
const wrong = says("dislike", "k");
const leak = "k on the TARGET";

const dropped = (reason: string, error: string | null = null) => ({
  route: "dropped",
  reason,
  error,
});
const ask = (question: object) => ({ route: "ask", question });
const refined = { route: "refine", text: "k", reflection: "r", refinedText: "k2" };

const table: readonly (readonly [string, Omit<Answers, "label" | "namesTarget">, object])[] = [
  ["nothing yet", {}, ask({ step: "reason" })],
  ["a text", { reason: right }, ask({ step: "reflect", text: "k" })],
  ["right, reasonable", { reason: right, reflect: reasonable }, { route: "reason", text: "k" }],
  [
    "right, unreasonable",
    { reason: right, reflect: rejects("r") },
    dropped("unreasonable_but_right"),
  ],
  ["wrong, reasonable", { reason: wrong, reflect: reasonable }, dropped("reasonable_but_wrong")],
  [
    "wrong, unreasonable",
    { reason: wrong, reflect: rejects("r") },
    ask({ step: "refine", text: "k", reflection: "r" }),
  ],
  ["put right", { reason: wrong, reflect: rejects("r"), refine: says("like", "k2") }, refined],
  [
    "still wrong",
    { reason: wrong, reflect: rejects("r"), refine: says("dislike", "k2") },
    dropped("still_wrong"),
  ],
  ["no text", { reason: fault("filtered") }, dropped("filtered", "reason: why")],
  ["an unreadable text", { reason: fault("unreadable") }, dropped("unreadable", "reason: why")],
  [
    "no judgement",
    { reason: right, reflect: fault("filtered") },
    dropped("filtered", "reflect: why"),
  ],
  [
    "no refinement",
    { reason: wrong, reflect: rejects("r"), refine: fault("unreadable") },
    dropped("unreadable", "refine: why"),
  ],
  ["a text that names the target", { reason: says("like", leak) }, dropped("target_in_text")],
  [
    "a reflection that names it",
    { reason: wrong, reflect: rejects(leak) },
    dropped("target_in_text"),
  ],
  [
    "a refined text that names it",
    { reason: wrong, reflect: rejects("r"), refine: says("like", leak) },
    dropped("target_in_text"),
  ],
];

describe("decide", () => {
  test.each(table)("%s", (_name, answers, decision) => {
    const namesTarget = (text: string): boolean => text.includes("TARGET");
    expect(decide({ label: 1, namesTarget, ...answers })).toEqual(decision);
  });

  test("a dislike is right about what was not liked", () => {
    const about = { label: 0, namesTarget: () => false, reflect: reasonable } as const;
    const routeOf = (decision: Decision): string => decision.route;
    expect(routeOf(decide({ ...about, reason: wrong }))).toBe("reason");
    expect(routeOf(decide({ ...about, reason: right }))).toBe("dropped");
  });
});
