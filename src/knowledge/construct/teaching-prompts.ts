import { promptHashes, promptVersion, type PromptName } from "../chat/prompt-versions.ts";

const names = Object.keys(promptHashes) as readonly PromptName[];

/** Versions of the prompts that a teacher is asked and of those that fine-tuning data hold; all but those of KAR. */
export const teachingPrompts: readonly string[] = names
  .filter((name) => !name.endsWith("-kar"))
  .map(promptVersion);
