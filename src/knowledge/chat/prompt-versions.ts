/**
 * @file The versions of every prompt. An answer is remembered by the version, so a change of wording must change it: the hash of
 * what the prompt renders to for the domains of its test is added to the end of its list, and the list's length is the version.
 */

/** Hashes by task, the oldest first: 16 hexadecimal digits of sha256. */
export const promptHashes = {
  "user-reason": ["545f766bb972b0c0", "6ce553d0a9a0fba2", "84317e02aa5e32f4"],
  "user-reflect": ["14c3146a75b09c3b", "3ec15f94b640018c", "49cf444eb435d2c5"],
  "user-refine": ["63dd28573d0c19e6", "121a3bb97b387ecb", "03939ae2d4fb819d"],
  "user-kar": ["01d02b39dbf5bc0c", "64be47e91748e339"],
  "user-construct-reason": ["be817dbd06733015", "d866844ddf6ee69f", "9054f5393508ceed"],
  "user-construct-reflect": ["44051a541086fac1", "23e6d68c3a8ec518", "b9fe3424cdb4ec7c"],
  "user-construct-refine": ["d0f0c90b030f71db", "91d60e3ecd169e69", "df1b8ee937e742c9"],
  "item-reason": ["28067d5eefe4b047", "60121b51837dc87b", "afc5a9d64824942d"],
  "item-reflect": ["eff6b419c8311102", "bc8affd4151340ce", "6cc6b2b4ef9e593a"],
  "item-refine": ["aed33d966bb6a0a6", "5c41168755e668d0", "dfd23bde3f7b68e6"],
  "item-kar": ["de12d2c05d06ec32", "e8faf6ddcdb1c981"],
  "item-construct-reason": ["6e2a6fc69ca9eedc", "a8d89d4151480280", "e7e48b0d45875f06"],
  "item-construct-reflect": ["3f3b04823cbbbd91", "78b8002d82ace79f", "bbb74ecce34e22b6"],
  "item-construct-refine": ["9ccd4201606b8d2a", "850593352ab3ab4e", "c67518e8610b90cf"],
} as const satisfies Record<string, readonly string[]>;

/** A prompt by subject and task. */
export type PromptName = keyof typeof promptHashes;

/** The version of a prompt, such as "user-reason@1". */
export function promptVersion(name: PromptName): string {
  return `${name}@${promptHashes[name].length}`;
}
