/** What decides the labels: a threshold for ratings, or a column of labels or event types. */
export interface LabelSettings {
  readonly positiveAbove: number;
  readonly columns?: {
    readonly rating?: string | undefined;
    readonly label?: string | undefined;
    readonly event?: string | undefined;
    readonly positiveEvents: readonly string[];
  };
}

/** Where to look when all labels are equal: the setting that decides them, in words. */
export function labelCure({ positiveAbove, columns }: LabelSettings): string {
  if (columns?.label !== undefined) {
    return `check dataset.columns.label: column ${columns.label} holds the labels`;
  }
  if (columns?.event !== undefined) {
    return `check dataset.columns.positiveEvents: in column ${columns.event}, ${columns.positiveEvents.join(", ")} count as liked, all other types do not`;
  }
  return `check dataset.positiveAbove: ratings above ${positiveAbove} count as liked`;
}

/** What to say of interactions whose labels are all equal; none if there are both. */
export function oneClassFault(
  { rows, positiveShare }: { readonly rows: number; readonly positiveShare: number },
  settings: LabelSettings,
): readonly string[] {
  if (positiveShare > 0 && positiveShare < 1) return [];
  return [
    `all ${rows.toLocaleString("en")} interactions have label ${positiveShare}, so nothing can be learnt or measured; ${labelCure(settings)}`,
  ];
}
