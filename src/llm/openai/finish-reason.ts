/** What a finish_reason says of an answer. */
export type Ending =
  | "complete"
  /** Cut off at a limit of tokens. */
  | "length"
  /** Withheld by a filter. */
  | "filtered"
  /** Given up by the server, for a reason that may pass. */
  | "aborted"
  /** None of the reasons in use; the answer is not taken for complete. */
  | "unknown";

const complete =
  /^(?:stop|stopped|stop_.*|end|end_.*|ended|eos|eos_.*|eot|eot_.*|complete|completed|finish|finished|done|success|normal|tool_?calls?|tool_use|function_call|null|none|unspecified|finish_reason_(?:unspecified|stop))$/;
const length = /length|max_?(?:output_?|new_?)?tokens?|tokens?_?limit|token_?budget|context_window/;
const filtered =
  /filter|safety|recitation|blocklist|prohibited|spii|refus|moderation|guardrail|policy|sensitive|language|image_/;
const aborted =
  /error|abort|cancel|insufficient|resource|time_?out|time_limit|overload|network|fail|interrupt|preempt|disconnect|incomplete|malformed/;

/**
 * Reads a finish_reason by the names that servers and gateways give it, in any case: `MAX_TOKENS` and `model_length` are cut answers,
 * `SAFETY` is a filter's, `insufficient_system_resource` a server's that gave up. None at all is complete.
 */
export function endingOf(finishReason: string | null): Ending {
  const reason = (finishReason ?? "")
    .trim()
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[\s-]+/g, "_");
  if (reason === "" || complete.test(reason)) return "complete";
  if (length.test(reason)) return "length";
  if (filtered.test(reason)) return "filtered";
  if (aborted.test(reason)) return "aborted";
  return "unknown";
}
