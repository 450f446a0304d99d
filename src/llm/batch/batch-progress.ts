import type { ImportCounts } from "./import-answers.ts";

/** Progress of collecting. */
export type BatchProgress =
  | { readonly kind: "written"; readonly file: string; readonly requests: number }
  | {
      readonly kind: "submitted" | "resumed";
      readonly batchId: string;
      readonly requests: number;
    }
  | {
      readonly kind: "polled";
      readonly batchId: string;
      readonly status: string;
      readonly completed: number;
      readonly failed: number;
      readonly total: number;
    }
  /** Asking about a batch failed; it is tried again. */
  | { readonly kind: "unreachable"; readonly batchId: string; readonly reason: string }
  | { readonly kind: "imported"; readonly from: string; readonly counts: ImportCounts };
