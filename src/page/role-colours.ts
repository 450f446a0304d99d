/** @file The colours of the roles of interactions, as variables of page-style.ts, which sets their light and dark values. */

const roleColours: Readonly<Record<string, string>> = {
  interaction: "var(--base)",
  context: "var(--context)",
  train: "var(--base)",
  valid: "var(--valid)",
  test: "var(--other)",
  gap: "var(--rule)",
  dropped: "var(--dropped)",
};

/** The roles of interactions in the order they are stacked and listed in. */
export const roles: readonly string[] = Object.keys(roleColours);

/** The colour of interactions with this role under the protocol. */
export function roleColour(role: string): string {
  return roleColours[role] ?? "var(--other)";
}
