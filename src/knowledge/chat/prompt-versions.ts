/**
 * @file The versions of every prompt. An answer is remembered by the version, so a change of wording must change it: the hash of
 * what the prompt renders to for two fixed domains is added to the end of its list, and the list's length is the version.
 */

/** Hashes by task, the oldest first: 16 hexadecimal digits of sha256. */
export const promptHashes = {
  "user-reason": ["545f766bb972b0c0"],
  "user-reflect": ["14c3146a75b09c3b"],
  "user-refine": ["63dd28573d0c19e6"],
  "user-kar": ["01d02b39dbf5bc0c"],
  "user-construct-reason": ["be817dbd06733015"],
  "user-construct-reflect": ["44051a541086fac1"],
  "user-construct-refine": ["d0f0c90b030f71db"],
  "item-reason": ["28067d5eefe4b047"],
  "item-reflect": ["eff6b419c8311102"],
  "item-refine": ["aed33d966bb6a0a6"],
  "item-kar": ["de12d2c05d06ec32"],
  "item-construct-reason": ["6e2a6fc69ca9eedc"],
  "item-construct-reflect": ["3f3b04823cbbbd91"],
  "item-construct-refine": ["9ccd4201606b8d2a"],
} as const satisfies Record<string, readonly string[]>;

/** A prompt by subject and task. */
export type PromptName = keyof typeof promptHashes;

/** The version of a prompt, such as "user-reason@1". */
export function promptVersion(name: PromptName): string {
  return `${name}@${promptHashes[name].length}`;
}
