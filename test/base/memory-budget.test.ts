import { describe, expect, test } from "vitest";
import { memoryBudget } from "../../src/base/memory-budget.ts";

const mb = 1024 ** 2;

describe("memoryBudget", () => {
  test("takes what fits, and refuses the first need that does not, with what took the rest", () => {
    const budget = memoryBudget({ bytes: 100 * mb, shares: 1 }, "runtime.threads");
    budget.take({ what: "the samples", bytes: 60 * mb });
    budget.take({ what: "the vectors", bytes: 40 * mb });
    expect(() => {
      budget.take({ what: "the model", bytes: 1 });
    }).toThrow(
      "the model need 1 MB of memory, more than the 0 MB that are left of 100 MB " +
        "(the samples take 60 MB, the vectors take 40 MB); use a machine with more memory",
    );
  });

  test("names the setting that fits what is left, and how many shares would do", () => {
    const budget = memoryBudget({ bytes: 2048 * mb, shares: 4 }, "runtime.threads");
    budget.take({ what: "the samples", bytes: 1024 * mb });
    const cure = (free: number): string => `train.batchSize: ${free / mb / 16}`;
    expect(() => {
      budget.take({ what: "the model", bytes: 2048 * mb, cure });
    }).toThrow(
      expect.objectContaining({
        code: "OUT_OF_MEMORY",
        message:
          "the model need 2.0 GB of memory, more than the 1.0 GB that are left of a share, one of 4, of 2.0 GB " +
          "(the samples take 1.0 GB); set train.batchSize: 64, or set runtime.threads: 2, or use a machine with more memory",
      }) as Error,
    );
  });

  test("counts nothing of what it has refused", () => {
    const budget = memoryBudget({ bytes: 10, shares: 1 }, "runtime.threads");
    const take = (bytes: number) => () => {
      budget.take({ what: "numbers", bytes });
    };
    expect(take(11)).toThrow("numbers");
    expect(take(10)).not.toThrow();
  });
});
