import { env } from "node:process";
import { describe, expect, test } from "vitest";
import { forbidTelemetry } from "../../src/base/no-telemetry.ts";

describe("forbidTelemetry", () => {
  test.each([undefined, "", "0", "false"])("overrules %j in the main thread", (value) => {
    const environment = { ORT_DISABLE_TELEMETRY: value };
    forbidTelemetry(environment, true);
    expect(environment).toEqual({ ORT_DISABLE_TELEMETRY: "1" });
  });

  test("acts on the real environment by default", () => {
    delete env["ORT_DISABLE_TELEMETRY"];
    forbidTelemetry();
    expect(env["ORT_DISABLE_TELEMETRY"]).toBe("1");
  });

  test("accepts a thread of a process that has forbidden it", () => {
    expect(() => {
      forbidTelemetry({ ORT_DISABLE_TELEMETRY: "1" }, false);
    }).not.toThrow();
  });

  test("refuses a thread of a process that has not, and names the variable", () => {
    expect(() => {
      forbidTelemetry({ ORT_DISABLE_TELEMETRY: "0" }, false);
    }).toThrow(/Start the process with ORT_DISABLE_TELEMETRY=1/);
  });
});
