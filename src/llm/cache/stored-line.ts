import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { StoredAnswer } from "../chat.ts";
import type { UnderWay } from "./departures.ts";

/** An answer as a line of a segment. */
export type StoredLine = StoredAnswer & {
  /** What the budget was charged when the cost is unknown. */
  readonly chargedUsd?: number | undefined;
  /** When it was stored, milliseconds since 1970; lines of earlier versions do not say. */
  readonly storedAtMs?: number | undefined;
  /** True for a mark: the answers stored before it no longer count. */
  readonly isForgotten?: true | undefined;
  /** Makes the line a mark of what its session had under way at most; the latest of a session counts. */
  readonly underWay?: (UnderWay & { readonly session: string }) | undefined;
};

const count = z.number().nonnegative();
const tokens = count.nullable();

const storedLine: z.ZodType<StoredLine> = z.object({
  key: z.string().regex(/^[0-9a-f]{64}$/),
  model: z.string(),
  promptVersion: z.string(),
  answer: z.discriminatedUnion("status", [
    z.object({ status: z.literal("ok"), text: z.string() }),
    z.object({ status: z.enum(["rejected", "filtered", "length", "empty"]), reason: z.string() }),
  ]),
  usage: z.object({ promptTokens: tokens, completionTokens: tokens, cachedTokens: tokens }),
  costUsd: z.number().nullable(),
  chargedUsd: z.number().optional(),
  storedAtMs: z.number().optional(),
  isForgotten: z.literal(true).optional(),
  underWay: z.object({ session: z.string(), requests: count, costUsd: count }).optional(),
  latencyMs: count,
  attempts: count,
});

/** A line that is no answer, such as one that only tells of spending. */
export function bareLine(about: {
  readonly model: string;
  readonly promptVersion: string;
}): StoredLine {
  return {
    ...about,
    key: randomBytes(32).toString("hex"),
    answer: { status: "ok", text: "" },
    usage: { promptTokens: null, completionTokens: null, cachedTokens: null },
    costUsd: 0,
    latencyMs: 0,
    attempts: 1,
  };
}

/** Parses a line; null for one that is not a stored answer. */
export function parseStoredLine(line: Buffer): StoredLine | null {
  let value: unknown;
  try {
    value = JSON.parse(line.toString("utf8"));
  } catch {
    return null;
  }
  return storedLine.safeParse(value).data ?? null;
}
