/** @file Which of the page's colours stands for which role of an interaction. The values, light and dark, are in page-style.ts. */

const roleColours: Readonly<Record<string, string>> = {
  interaction: "var(--base)",
  context: "var(--context)",
  train: "var(--base)",
  valid: "var(--valid)",
  test: "var(--other)",
  gap: "var(--rule)",
  dropped: "var(--dropped)",
};

/** The roles of an interaction in the order in which they are stacked and listed. */
export const roles: readonly string[] = Object.keys(roleColours);

/** The colour of the interactions that play a role under the protocol. */
export function roleColour(role: string): string {
  return roleColours[role] ?? "var(--other)";
}
