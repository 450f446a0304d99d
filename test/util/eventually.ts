import { vi } from "vitest";

/** Resolves once a check passes, with what it gives; a busy machine may take its time. */
export function eventually<T>(check: () => T | Promise<T>, timeoutMs = 30_000): Promise<T> {
  return vi.waitFor(check, { timeout: timeoutMs });
}
