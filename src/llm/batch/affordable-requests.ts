import { FlowError } from "../../base/errors.ts";
import type { Budget } from "../settings.ts";

/** What a request counts against a budget until it is answered. */
export interface Reservation {
  readonly key: string;
  /** Highest cost, US dollars; null when no price is known. */
  readonly mostCostUsd: number | null;
}

/** The budget, and the spending that counts against it. */
export interface BudgetState<Request extends Reservation> {
  readonly budget: Budget;
  /** By the run so far, in all its sessions. */
  readonly spent: { readonly requests: number; readonly costUsd: number };
  /** Submitted, not yet answered. */
  readonly open: readonly Request[];
}

const noDollars = 1e-9; // sums of many costs are not exact

/**
 * The leading requests that the budget has room for, each at its highest cost. The others may follow once the actual cost is known.
 *
 * @throws FlowError `BUDGET_SPENT` when there is room for none and nothing is in flight
 */
export function affordableRequests<Request extends Reservation>(
  requests: readonly Request[],
  { budget, spent, open }: BudgetState<Request>,
): readonly Request[] {
  const { maxRequests = Infinity, maxCostUsd = Infinity } = budget;
  let roomRequests = maxRequests - spent.requests - open.length;
  let roomUsd = maxCostUsd - spent.costUsd + noDollars;
  for (const { mostCostUsd } of open) roomUsd -= mostCostUsd ?? 0;
  const taken: Request[] = [];
  for (const request of requests) {
    roomRequests -= 1;
    roomUsd -= request.mostCostUsd ?? 0;
    if (roomRequests < 0 || roomUsd < 0) break;
    taken.push(request);
  }
  if (taken.length > 0 || open.length > 0 || requests.length === 0) return taken;
  const parts: string[] = [];
  if (budget.maxRequests !== undefined) {
    parts.push(`${spent.requests} of knowledge.budget.maxRequests = ${maxRequests} requests`);
  }
  if (budget.maxCostUsd !== undefined) {
    const next = dollars(requests[0]?.mostCostUsd ?? 0);
    const cost = `US$ ${dollars(spent.costUsd)} of knowledge.budget.maxCostUsd = ${maxCostUsd}`;
    parts.push(`${cost} (the next request may cost ${next})`);
  }
  throw new FlowError(
    "BUDGET_SPENT",
    `The budget is spent: ${parts.join(" and ")}. Every answer is kept, and ${requests.length} requests wait: raise ` +
      "knowledge.budget and run again to continue.",
  );
}

function dollars(amount: number): string {
  return amount.toFixed(amount < 0.01 ? 6 : 2);
}
