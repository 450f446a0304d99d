import type { FlowErrorCode } from "../../../base/errors.ts";

const passing: ReadonlySet<string> = new Set<FlowErrorCode>([
  ...(["OUTPUT_FAILED", "OUT_OF_MEMORY", "DEPENDENCY_MISSING"] as const),
  ...(["PROVIDER_FAILED", "STORE_FAILED", "INTERRUPTED"] as const),
]);

/** Whether another try, perhaps on another machine, need not run into an error: a full disk there, say, or a missing package. */
export function mayPass(code: string): boolean {
  return passing.has(code);
}
