/** @file Memory that is counted before it is taken. */
import { FlowError } from "./errors.ts";

/** One of several equal shares of memory. */
export interface MemoryShare {
  readonly bytes: number;
  /** How many shares there are: what one of them lacks, fewer of them would have. */
  readonly shares: number;
}

/** What something needs memory for, and how it could need less. */
export interface MemoryNeed {
  readonly bytes: number;
  /** E.g. "the samples". */
  readonly what: string;
  /** A setting that would fit into so many bytes, such as "train.memoryRows: 4000"; null if there is none. */
  readonly cure?: (freeBytes: number) => string | null;
}

/** Counts memory against a share. */
export interface MemoryBudget {
  /**
   * Takes memory for good.
   *
   * @throws FlowError `OUT_OF_MEMORY` if there is not so much left, with what took the rest and what to change
   */
  readonly take: (need: MemoryNeed) => void;
  /** What is left. */
  readonly freeBytes: () => number;
}

/** A budget that refuses nothing. */
export const unlimitedMemory: MemoryBudget = { take: () => undefined, freeBytes: () => Infinity };

/** @param sharesSetting - The setting that makes fewer, larger shares, e.g. "runtime.threads" */
export function memoryBudget(
  { bytes: limit, shares }: MemoryShare,
  sharesSetting: string,
): MemoryBudget {
  const taken: MemoryNeed[] = [];
  const takenBytes = (): number => taken.reduce((sum, { bytes }) => sum + bytes, 0);
  const freeBytes = (): number => limit - takenBytes();
  return {
    freeBytes,
    take: (need) => {
      const free = freeBytes();
      if (need.bytes <= free) {
        taken.push(need);
        return;
      }
      const setting = need.cure?.(free) ?? null;
      const wanted = takenBytes() + need.bytes;
      const fewer = Math.floor((limit * shares) / wanted);
      const cures = [
        ...(setting === null ? [] : [`set ${setting}`]),
        ...(fewer >= 1 && fewer < shares ? [`set ${sharesSetting}: ${fewer}`] : []),
        "use a machine with more memory",
      ];
      const rest = taken.map(({ what, bytes }) => `${what} take ${inWords(bytes)}`).join(", ");
      throw new FlowError(
        "OUT_OF_MEMORY",
        `${need.what} need ${inWords(need.bytes)} of memory, more than the ${inWords(Math.max(0, free))} that are left of ` +
          (shares === 1 ? "" : `a share, one of ${shares}, of `) +
          `${inWords(limit)}${rest === "" ? "" : ` (${rest})`}; ${cures.join(", or ")}`,
      );
    },
  };
}

/** A budget whose errors name no cure, for what no setting can change any more. */
export function withoutCures({ take, freeBytes }: MemoryBudget): MemoryBudget {
  return {
    take: ({ what, bytes }) => {
      take({ what, bytes });
    },
    freeBytes,
  };
}

/** E.g. "1.5 GB" or "30 MB"; 1 GB = 1024 MB, as in settings. */
function inWords(bytes: number): string {
  const megabytes = bytes / 1024 ** 2;
  return megabytes < 1000 ? `${Math.ceil(megabytes)} MB` : `${(megabytes / 1024).toFixed(1)} GB`;
}
