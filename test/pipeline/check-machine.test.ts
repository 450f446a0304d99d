import { expect, test } from "vitest";
import { checkMachine } from "../../src/pipeline/check-machine.ts";

test("checkMachine tries every native part for real, and each works where the tests run", async () => {
  const checks = await checkMachine();
  expect(checks.map(({ name, isOk }) => ({ name, isOk }))).toEqual([
    { name: "node", isOk: true },
    { name: "duckdb", isOk: true },
    { name: "onnxruntime", isOk: true },
    { name: "tfjs", isOk: true },
  ]);
  expect(checks[1]?.finding).toMatch(/^v\d/);
  expect(checks[2]?.finding).toBe("bundled encoder gives 512 numbers");
  expect(checks[3]?.finding).toMatch(/can train on: .*wasm, cpu$/);
});
