import { FlowError } from "../../base/errors.ts";

/** A role that got no usable answer to anything it asked. */
export interface FailedRole {
  /** Such as "the reflector about users". */
  readonly who: string;
  /** Where its settings are: knowledge.reflector. */
  readonly setting: string;
  readonly model: string;
  /** Prompts by kind of error. */
  readonly kinds: Readonly<Record<string, number>>;
  /** In words. */
  readonly firstError: string;
}

/** What is likely to help, by kind of error. */
const cures: Readonly<Record<string, (setting: string) => string>> = {
  length: (setting) =>
    `raise ${setting}.sampling.maxTokens, which thinking may have used up, or turn thinking off, as with ` +
    `${setting}.sampling.extra: { chat_template_kwargs: { enable_thinking: false } }`,
  empty: (setting) =>
    "turn thinking off, or serve the model without a reasoning parser: its answer may be in reasoning_content; " +
    `or raise ${setting}.sampling.maxTokens`,
  rejected: (setting) =>
    `leave a field out that the server does not take, as with ${setting}.sampling.extra: { seed: null }; ` +
    `set ${setting}.structured: tags if it refuses response_format; check ${setting}.model`,
  filtered: (setting) => `loosen the server's content filter, or set another ${setting}.model`,
  unreadable: (setting) =>
    `look at an answer (above): another ${setting}.structured (tags or schema) or ${setting}.model may follow the form`,
  failed: () => "look at the server's log: it fails at every prompt",
};

/** The error that ends a run for a role that fails as a whole: what was seen, and what is likely to help. */
export function roleFailure(
  { who, setting, model, kinds, firstError }: FailedRole,
  prompts: string,
): FlowError {
  const seen = Object.entries(kinds)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(", ");
  const help = Object.keys(kinds).flatMap((kind) => cures[kind]?.(setting) ?? []);
  const likely = help.length === 0 ? "" : ` Likely cures: ${help.join("; ")}.`;
  return new FlowError(
    "PROVIDER_FAILED",
    `${who}, model ${model}: none of ${prompts} got a usable answer (${seen}). The first: ${firstError.replace(/[.\s]+$/u, "")}.${likely} ` +
      "Then run again: these prompts are asked again, and every good answer is kept.",
  );
}
