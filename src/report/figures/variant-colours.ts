/** @file Which of the page's colours stands for which variant. The values, light and dark, are in src/page/page-style.ts. */

const ownColours: Readonly<Record<string, string>> = {
  base: "var(--base)",
  r4ec: "var(--r4ec)",
  r2ec: "var(--r2ec)",
  kar: "var(--kar)",
};

/** For all other variants, in turn. */
const spareColours: readonly string[] = ["--spare-1", "--spare-2", "--spare-3", "--spare-4"].map(
  (name) => `var(${name})`,
);

/** The colours of variants' lines and dots: some have their own, the others take what is left, in order. */
export function variantColours(variants: readonly string[]): (variant: string) => string {
  const others = [...new Set(variants)].filter((variant) => !(variant in ownColours));
  return (variant) =>
    ownColours[variant] ??
    spareColours[Math.max(0, others.indexOf(variant)) % spareColours.length] ??
    "var(--ink)";
}
