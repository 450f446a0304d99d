import { FlowError } from "../../base/errors.ts";
import type { Budget } from "../settings.ts";

/** What a request counts against a budget before it is answered. */
export interface Reservation {
  readonly key: string;
  /** US dollars at most; null when no price is known. */
  readonly mostCostUsd: number | null;
}

/** The budget and what counts against it. */
export interface BudgetState<Request extends Reservation> {
  readonly budget: Budget;
  /** Of the run so far, over all its sessions. */
  readonly spent: { readonly requests: number; readonly costUsd: number };
  /** Submitted and not answered. */
  readonly open: readonly Request[];
}

const noDollars = 1e-9; // sums of many costs are not exact

/**
 * The first of the requests that the budget has room for, each at its highest cost. The others may follow when it is known
 * what these have cost.
 *
 * @throws FlowError `BUDGET_SPENT` when there is no room for any and nothing is under way
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
      "knowledge.budget and run again to go on.",
  );
}

function dollars(amount: number): string {
  return amount.toFixed(amount < 0.01 ? 6 : 2);
}
