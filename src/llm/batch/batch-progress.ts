import type { ImportCounts } from "./import-answers.ts";

/** What collecting tells while it goes on. */
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
  /** A look at a batch that failed; the next may not. */
  | { readonly kind: "unreachable"; readonly batchId: string; readonly reason: string }
  | { readonly kind: "imported"; readonly from: string; readonly counts: ImportCounts };
