/** @file The colours of variants, as variables of src/page/page-style.ts, which sets their light and dark values. */

const ownColours: Readonly<Record<string, string>> = {
  Base: "var(--base)",
  R4ec: "var(--r4ec)",
  Profiler: "var(--r4ec)",
  R2ec: "var(--r2ec)",
  KAR: "var(--kar)",
};

/** For all other variants, in order. */
const spareColours: readonly string[] = ["--spare-1", "--spare-2", "--spare-3", "--spare-4"].map(
  (name) => `var(${name})`,
);

/** The colour of each variant's lines and dots: fixed for some, the others take the spare colours in order. */
export function variantColours(variants: readonly string[]): (variant: string) => string {
  const others = [...new Set(variants)].filter((variant) => !(variant in ownColours));
  return (variant) =>
    ownColours[variant] ??
    spareColours[Math.max(0, others.indexOf(variant)) % spareColours.length] ??
    "var(--ink)";
}
