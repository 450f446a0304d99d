import { vi } from "vitest";

/** Resolves once a check passes, with what it gives; a busy machine may take its time. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000 });
}
