/** The time of a split's rows, ISO 8601. */
interface SplitSpan {
  readonly split: string;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** A moment at which one split ends and the next begins for all users alike. */
export interface CutOff {
  readonly split: string;
  readonly at: string;
}

/** The cut-offs in time, or none when the splits overlap (each user was split apart). */
export function cutOffs(splits: readonly SplitSpan[]): readonly CutOff[] {
  const found: CutOff[] = [];
  for (const [index, split] of splits.entries()) {
    const before = splits[index - 1];
    if (before === undefined) continue;
    if (Date.parse(before.lastAt) > Date.parse(split.firstAt)) return [];
    found.push({ split: split.split, at: split.firstAt });
  }
  return found;
}
