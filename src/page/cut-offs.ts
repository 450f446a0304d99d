/** The time range of a split's rows, ISO 8601. */
interface SplitSpan {
  readonly split: string;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** The moment at which one split ends and the next begins, the same for all users. */
export interface CutOff {
  readonly split: string;
  readonly at: string;
}

/** The cut-offs between consecutive splits; empty if splits overlap in time (each user is split separately). */
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
