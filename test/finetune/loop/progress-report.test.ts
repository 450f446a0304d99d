import { expect, test } from "vitest";
import type { TaskProgress } from "../../../src/flow/task.ts";
import { progressReport } from "../../../src/finetune/loop/progress-report.ts";

test("counts the tokens of this attempt alone, so that rate and remaining time are its own", () => {
  const reports: TaskProgress[] = [];
  const report = progressReport({
    ...{ name: "the user actor", notes: ["2 rows are left out"] },
    report: (progress) => void reports.push(progress),
  });
  const at = { epochs: 3, tokensTotal: 300 };
  report({ ...at, epoch: 2, tokens: 150, loss: 1.23456, validLoss: 2.5 });
  report({ ...at, epoch: 3, tokens: 210, loss: Number.NaN, validLoss: null });
  expect(reports).toEqual([
    {
      ...{ rowsDone: 0, rowsTotal: 150, unit: "tokens", notes: ["2 rows are left out"] },
      detail: { adapter: "the user actor", epoch: "2/3", loss: "1.2346", valid: "2.5000" },
    },
    {
      ...{ rowsDone: 60, rowsTotal: 150, unit: "tokens" },
      detail: { adapter: "the user actor", epoch: "3/3" },
    },
  ]);
});
