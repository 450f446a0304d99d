/**
 * @file The versions of every prompt. An answer is remembered by the version, so a change of wording must change it: the hash of
 * what the prompt renders to for two fixed domains is added to the end of its list, and the list's length is the version.
 */

/** Hashes by task, the oldest first: 16 hexadecimal digits of sha256. */
export const promptHashes = {
  "user-reason": ["0"],
  "user-reflect": ["0"],
  "user-refine": ["0"],
  "user-kar": ["0"],
  "user-construct-reason": ["0"],
  "user-construct-reflect": ["0"],
  "user-construct-refine": ["0"],
  "item-reason": ["0"],
  "item-reflect": ["0"],
  "item-refine": ["0"],
  "item-kar": ["0"],
  "item-construct-reason": ["0"],
  "item-construct-reflect": ["0"],
  "item-construct-refine": ["0"],
} as const satisfies Record<string, readonly string[]>;

/** A prompt by subject and task. */
export type PromptName = keyof typeof promptHashes;

/** The version of a prompt, such as "user-reason@1". */
export function promptVersion(name: PromptName): string {
  return `${name}@${promptHashes[name].length}`;
}
