/** @file Which of the page's colours stands for what. The values, light and dark, are in page-style.ts. */

const colourOfVariant: Readonly<Record<string, string>> = {
  base: "var(--base)",
  r4ec: "var(--r4ec)",
};

/** The colour of a variant's lines and dots. */
export function variantColour(variant: string): string {
  return colourOfVariant[variant] ?? "var(--other)";
}

const roleColours: Readonly<Record<string, string>> = {
  interaction: "var(--base)",
  context: "var(--context)",
  train: "var(--base)",
  valid: "var(--valid)",
  test: "var(--other)",
  dropped: "var(--dropped)",
};

/** The roles of an interaction in the order in which they are stacked and listed. */
export const roles: readonly string[] = Object.keys(roleColours);

/** The colour of the interactions that play a role under the protocol. */
export function roleColour(role: string): string {
  return roleColours[role] ?? "var(--other)";
}
