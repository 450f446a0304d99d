import { expect, test } from "vitest";
import { endingOf } from "../../../src/llm/openai/finish-reason.ts";

test.each([
  [
    "complete",
    [null, "", "stop", "STOP", "eos", "eos_token", "end_turn", "EndTurn", "stop_sequence"],
  ],
  ["complete", ["tool_calls", "function_call", "COMPLETE", "FINISH_REASON_UNSPECIFIED", "eot_id"]],
  ["length", ["length", "max_tokens", "MAX_TOKENS", "model_length", "max_new_tokens", "MaxTokens"]],
  ["length", ["token_limit", "max_output_tokens", "model_context_window_exceeded"]],
  ["filtered", ["content_filter", "SAFETY", "RECITATION", "content_filter: RECITATION", "refusal"]],
  ["filtered", ["PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "guardrail_intervened"]],
  ["aborted", ["error", "abort", "cancelled", "insufficient_system_resource", "timeout"]],
  ["aborted", ["time_limit", "overloaded", "network_error", "preempted"]],
  ["unknown", ["other", "ran dry", "7"]],
] as const)("%s: %j", (ending, reasons) => {
  expect(reasons.map(endingOf)).toEqual(reasons.map(() => ending));
});
