/** @file The three protocols in plain loops, straight from their definitions: what the SQL is compared with. */

/** An interaction; `second` counts from some midnight, UTC. */
export interface LogEvent {
  readonly user: number;
  readonly item: number;
  readonly rating: number;
  readonly second: number;
  readonly fileRow: number;
}

/** Shares in hundredths, so that cuts are computed in integers. */
export interface Split {
  readonly protocol: "leakfree" | "paper" | "reference";
  readonly contextRows: number;
  readonly validPercent: number;
  readonly testPercent: number;
  readonly history: number;
  /** Left out after a cut by share and before a date, seconds. */
  readonly gapSeconds: number;
  /** Dates instead of shares. */
  readonly validFrom?: number;
  readonly testFrom?: number;
}

/** An event's place in its user's order, its role, and the events before it that its history may show, oldest first. */
export interface PlacedEvent extends LogEvent {
  readonly rn: number;
  readonly role: "context" | "dropped" | "train" | "gap" | "valid" | "test";
  readonly before: readonly LogEvent[];
}

const secondsADay = 86_400;

/** Every event of a log, users in order of id, each user's events in the protocol's order. */
export function bruteForceSplit(log: readonly LogEvent[], split: Split): readonly PlacedEvent[] {
  const cuts = cutsOf(log, split);
  const users = [...new Set(log.map((event) => event.user))].sort((a, b) => a - b);
  return users.flatMap((user) => {
    const own = log.filter((event) => event.user === user).sort(orderOf(split.protocol));
    return own.map((event, index) => ({
      ...event,
      rn: index + 1,
      role: roleOf(own, index, split, cuts),
      before: own
        .slice(0, index)
        .filter((past) => split.protocol !== "leakfree" || past.second < event.second)
        .slice(-split.history),
    }));
  });
}

function orderOf(protocol: Split["protocol"]): (a: LogEvent, b: LogEvent) => number {
  const day = (event: LogEvent): number => Math.floor(event.second / secondsADay);
  return protocol === "reference"
    ? (a, b) => day(a) - day(b) || a.fileRow - b.fileRow
    : (a, b) => a.second - b.second || a.item - b.item || a.fileRow - b.fileRow;
}

/** Where splits begin and end, in seconds; half seconds lie between events. */
export interface Cuts {
  readonly trainBefore: number;
  readonly validFrom: number;
  readonly validBefore: number;
  readonly testFrom: number;
}

/** The global cuts of a log. There is no time for validation where `validFrom` is not below `validBefore`. */
export function cutsOf(log: readonly LogEvent[], split: Split): Cuts {
  const { gapSeconds: gap, testPercent, validPercent } = split;
  const lastBefore =
    split.testFrom === undefined ? secondAt(log, 100 - testPercent) + 0.5 : split.testFrom - gap;
  const testFrom = split.testFrom ?? lastBefore + gap;
  if (split.validFrom !== undefined) {
    const { validFrom } = split;
    return { trainBefore: validFrom - gap, validFrom, validBefore: lastBefore, testFrom };
  }
  const seconds = log.map((event) => event.second).sort((a, b) => a - b);
  const rank =
    seconds.filter((second) => second < lastBefore).length -
    Math.floor((seconds.length * validPercent) / 100);
  const trainUntil =
    split.testFrom === undefined
      ? secondAt(log, 100 - testPercent - validPercent)
      : (seconds[Math.max(1, rank) - 1] ?? 0);
  const trainBefore = trainUntil + 0.5;
  return { trainBefore, validFrom: trainBefore + gap, validBefore: lastBefore, testFrom };
}

/** The second of the last event among the first `percent` of all events in time. */
function secondAt(log: readonly LogEvent[], percent: number): number {
  const seconds = log.map((event) => event.second).sort((a, b) => a - b);
  const count = Math.max(1, Math.ceil((seconds.length * percent) / 100));
  return seconds[count - 1] ?? 0;
}

function roleOf(
  own: readonly LogEvent[],
  index: number,
  { protocol, contextRows }: Split,
  { trainBefore, validFrom, validBefore, testFrom }: Cuts,
): PlacedEvent["role"] {
  const second = own[index]?.second ?? 0;
  if (index < contextRows) return "context";
  switch (protocol) {
    case "reference":
      if (index === contextRows) return "dropped";
      return index <= Math.floor((own.length * 8) / 10) ? "train" : "test";
    case "paper":
      if (second < validBefore) return "train";
      return second < testFrom ? "gap" : "test";
    case "leakfree":
      if (second === own[contextRows - 1]?.second) return "dropped";
      if (second < trainBefore) return "train";
      if (second < validFrom) return "gap";
      if (second < validBefore) return "valid";
      return second < testFrom ? "gap" : "test";
  }
}
