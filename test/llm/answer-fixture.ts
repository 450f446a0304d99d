import { createHash } from "node:crypto";
import type { StoredAnswer } from "../../src/llm/chat.ts";

/** An answer to remember; its key is the sha256 of `name`. */
export function storedAnswer(name: string, change: Partial<StoredAnswer> = {}): StoredAnswer {
  return {
    key: createHash("sha256").update(name).digest("hex"),
    model: "m-1",
    promptVersion: "p1",
    answer: { status: "ok", text: `answer to ${name}` },
    usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
    costUsd: 0.25,
    latencyMs: 12.5,
    attempts: 1,
    ...change,
  };
}
