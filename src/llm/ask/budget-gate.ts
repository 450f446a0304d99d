import { FlowError } from "../../base/errors.ts";
import type { AbortGroups } from "./abort-groups.ts";
import type { Budget } from "../settings.ts";

/** Keeps spending below the budget, requests in flight included. */
export interface BudgetGate {
  /**
   * Reserves one request and its highest cost; waits while requests in flight might still leave room.
   *
   * @param mostUsd - Highest cost of the request; null when no price is known
   * @throws FlowError `BUDGET_SPENT`, from then on always
   * @throws the signal's reason
   */
  readonly reserve: (
    mostUsd: number | null,
    signal: AbortSignal,
  ) => Promise<Reservation> | Reservation;
}

/** Room for one request, until it is accounted for. */
export interface Reservation {
  /** Gives the room back. Further calls do nothing. */
  readonly release: () => void;
  /**
   * After the request was accounted for: reserves as much again for another attempt, ahead of those who wait.
   *
   * @returns False where there is no room now; the reservation is then released
   */
  readonly renew: () => boolean;
}

/** Requests, and US dollars. */
interface Spending {
  readonly requests: number;
  readonly costUsd: number;
}

/** A budget that several processes spend together: this one takes parts of it. */
export interface BudgetParts {
  /**
   * @param want - `limit`: of all processes together; `before`: what had been spent when this one began; `least`: what would be of use
   * @returns A part of it, null where there is not as much left; and what was spent before or is taken, by all
   */
  readonly take: (want: {
    readonly limit: Partial<Spending>;
    readonly before: Spending;
    readonly least: Spending;
  }) => Promise<{ readonly part: Spending | null; readonly taken: Spending }>;
  /** Gives back what this process has taken and not spent. It takes no more afterwards. */
  readonly settle: (spent: Spending) => Promise<void>;
}

/** The budget, and the spending that counts against it. */
export interface BudgetGateOptions {
  readonly budget: Budget;
  /** By the run so far, in all its sessions. */
  readonly spent: () => { readonly requests: number; readonly costUsd: number };
  /** What of it is requests that killed sessions had under way. Default: none. */
  readonly lost?: () => { readonly requests: number };
  /** Where others spend the same budget at the same time. Default: this process has all of it. */
  readonly parts?: BudgetParts;
  readonly groups: AbortGroups;
}

interface Waiter {
  readonly mostUsd: number;
  readonly resolve: (reservation: Reservation) => void;
  readonly reject: (reason: unknown) => void;
  readonly leave: () => void;
  readonly signal: AbortSignal;
}

/** Creates the gate that all requests of a run pass. */
export function createBudgetGate({
  budget,
  spent,
  lost = () => ({ requests: 0 }),
  parts,
  groups,
}: BudgetGateOptions): BudgetGate {
  const { maxRequests, maxCostUsd } = budget;
  if (maxRequests === undefined && maxCostUsd === undefined) {
    const unlimited: Reservation = { release: () => undefined, renew: () => true };
    return { reserve: () => unlimited };
  }
  const before = { ...spent() };
  /** What this process may spend, with what had been spent before it began. */
  const most =
    parts === undefined
      ? { requests: maxRequests ?? Infinity, costUsd: maxCostUsd ?? Infinity }
      : {
          requests: maxRequests === undefined ? Infinity : before.requests,
          costUsd: maxCostUsd === undefined ? Infinity : before.costUsd,
        };
  /** By all processes, as far as this one knows. */
  let takenByAll: Spending | null = null;
  let takes: "no" | "now" | "no more" = parts === undefined ? "no more" : "no";
  let reservedRequests = 0;
  let reservedUsd = 0;
  let isSpent = false;
  let waiters: Waiter[] = [];

  const refusal = (mostUsd: number): FlowError => {
    const { requests, costUsd } = takenByAll ?? spent();
    const shares: string[] = [];
    if (maxRequests !== undefined) {
      shares.push(`${requests} of knowledge.budget.maxRequests = ${maxRequests} requests`);
    }
    if (maxCostUsd !== undefined) {
      shares.push(
        `US$ ${dollars(costUsd)} of knowledge.budget.maxCostUsd = ${maxCostUsd} (the next request may cost ${dollars(mostUsd)})`,
      );
    }
    const { requests: under } = lost();
    const killed =
      under === 0
        ? ""
        : `, with up to ${under} requests that were under way when the run was killed, at their highest cost`;
    const held = takenByAll === null ? "" : ", with what jobs hold that are at work or were killed";
    return new FlowError(
      "BUDGET_SPENT",
      `The budget is spent: ${shares.join(" and ")}${killed}${held}. Every answer is kept: raise knowledge.budget and run again to continue.`,
    );
  };

  const take = (mostUsd: number): Reservation => {
    let isHeld = true;
    const hold = (): void => {
      isHeld = true;
      reservedRequests += 1;
      reservedUsd += mostUsd;
    };
    const drop = (): void => {
      isHeld = false;
      reservedRequests -= 1;
      reservedUsd = reservedRequests === 0 ? 0 : reservedUsd - mostUsd;
    };
    hold();
    return {
      release: () => {
        if (!isHeld) return;
        drop();
        letThrough();
      },
      renew: () => {
        if (isHeld) drop();
        const hasRoom = !isSpent && fits(mostUsd);
        if (hasRoom) hold();
        letThrough();
        return hasRoom;
      },
    };
  };

  const fits = (mostUsd: number): boolean => {
    const { requests, costUsd } = spent();
    return (
      requests + reservedRequests + 1 <= most.requests &&
      costUsd + reservedUsd + mostUsd <= most.costUsd
    );
  };

  /** Takes another part of the budget, and lets through whom it has room for. */
  const takePart = async ({ take }: BudgetParts, mostUsd: number): Promise<void> => {
    const { part, taken } = await take({
      limit: {
        ...(maxRequests !== undefined && { requests: maxRequests }),
        ...(maxCostUsd !== undefined && { costUsd: maxCostUsd }),
      },
      ...{ before, least: { requests: 1, costUsd: mostUsd } },
    });
    takenByAll = taken;
    takes = part === null ? "no more" : "no";
    most.requests += part?.requests ?? 0;
    most.costUsd += part?.costUsd ?? 0;
  };

  /** True: send; false: wait; an error: the budget is spent. */
  const decide = (mostUsd: number): boolean | FlowError => {
    if (isSpent) return refusal(mostUsd);
    if (fits(mostUsd)) return true;
    if (parts !== undefined && takes === "no") {
      takes = "now";
      takePart(parts, mostUsd).then(letThrough, failAll);
    }
    if (takes === "now" || reservedRequests > 0) return false;
    isSpent = true;
    return refusal(mostUsd);
  };

  const letThrough = (): void => {
    let done = 0;
    for (const waiter of waiters) {
      if (!waiter.signal.aborted) {
        const decision = decide(waiter.mostUsd);
        if (decision === false) break;
        waiter.leave();
        if (decision === true) waiter.resolve(take(waiter.mostUsd));
        else waiter.reject(decision);
      }
      done += 1;
    }
    if (done > 0) waiters = waiters.slice(done);
  };

  /** The budget is out of reach. */
  const failAll = (error: unknown): void => {
    takes = "no";
    for (const waiter of waiters.splice(0)) {
      waiter.leave();
      waiter.reject(error);
    }
  };

  return {
    reserve: (estimateUsd, signal) => {
      signal.throwIfAborted();
      const mostUsd = estimateUsd ?? 0;
      if (waiters.length === 0) {
        const decision = decide(mostUsd);
        if (decision === true) return take(mostUsd);
        if (decision !== false) throw decision;
      }
      return new Promise((resolve, reject) => {
        const leave = groups.join([signal], reject);
        waiters.push({ mostUsd, resolve, reject, leave, signal });
      });
    },
  };
}

function dollars(usd: number): string {
  return usd.toFixed(usd < 0.1 ? 6 : 2);
}
