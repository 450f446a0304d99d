import { expect, test } from "vitest";
import { updatesOf } from "../../../src/finetune/export/paper-settings.ts";

test.each([
  // Batches an epoch, times 3; a tenth of them, rounded up.
  [1, 3, 1],
  [16, 3, 1],
  [17, 6, 1],
  [122, 24, 3],
  [1600, 300, 30],
])("%i rows take %i updates, %i of them to warm up", (rows, all, warmup) => {
  expect(updatesOf(rows)).toEqual({ all, warmup });
});
