/** Why a prompt can be without a usable answer, by the names they have in tables and on the command line. */
export const faultKinds = [
  "failed",
  "rejected",
  "filtered",
  "length",
  "empty",
  "unreadable",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Asks nothing again. */
export const noRetry: RetryPolicy = { kinds: [], beforeMs: 0 };

/** Which prompts without an answer a run asks again. Each is asked again once per run: what this run was told stands until the next. */
export interface RetryPolicy {
  readonly kinds: readonly FaultKind[];
  /** When this run started, milliseconds since 1970: only what was stored before is asked again. */
  readonly beforeMs: number;
}

/** What a run is told to ask again. `kinds` is null where the user has not said: everything that can be asked at once. */
export interface RetryWish {
  readonly kinds: readonly FaultKind[] | null;
  readonly beforeMs: number;
}

/** Asks nothing again. */
export const noWish: RetryWish = { kinds: [], beforeMs: 0 };

/** @param isBatch - Whether asking again means waiting for another batch, which only the user can want */
export function policyOf({ kinds, beforeMs }: RetryWish, isBatch: boolean): RetryPolicy {
  return { kinds: kinds ?? (isBatch ? [] : faultKinds), beforeMs };
}
