/** The share of refusals ("too many requests") among the latest outcomes of an endpoint. */
export interface RefusalShare {
  readonly note: (isRefused: boolean) => void;
  /** From 0 to 1. Of fewer than 16 outcomes, the missing ones count as answers. */
  readonly share: () => number;
}

/** Outcomes that the share is taken over. */
const outcomes = 64;
/** Two refusals at the start are no sign of an overload. */
const fewestOutcomes = 16;

/** Counts over the last 64 outcomes. */
export function createRefusalShare(): RefusalShare {
  const latest: boolean[] = [];
  let next = 0;
  let refused = 0;
  return {
    note: (isRefused) => {
      if (latest[next] === true) refused -= 1;
      if (isRefused) refused += 1;
      latest[next] = isRefused;
      next = (next + 1) % outcomes;
    },
    share: () => refused / Math.max(fewestOutcomes, latest.length),
  };
}
