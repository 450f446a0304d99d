import { describe, expect, test } from "vitest";
import { asExpected } from "../../src/base/errors.ts";
import {
  mostWorkers,
  openFileLimit,
  requireConnections,
  requireOpenFiles,
} from "../../src/base/open-files.ts";

describe("openFileLimit", () => {
  test("is what the system tells, as far as it does", () => {
    const limits = (soft: string): string =>
      `Limit                     Soft Limit           Hard Limit           Units\nMax processes             4                    5                    processes\nMax open files            ${soft}                 4096                 files\n`;
    expect(openFileLimit(() => limits("1024"))).toBe(1024);
    expect(openFileLimit(() => limits("unlimited"))).toBe(Number.POSITIVE_INFINITY);
    expect(openFileLimit(() => "")).toBe(Number.POSITIVE_INFINITY);
    expect(openFileLimit()).toBeGreaterThan(0);
  });
});

describe("requireOpenFiles", () => {
  test.each([10, 255])("refuses %d, with the command that helps", (limit) => {
    expect(() => {
      requireOpenFiles(limit);
    }).toThrow(new RegExp(`^only ${limit} files .* at least 256 .* ulimit -n 1024`));
  });

  test("accepts enough", () => {
    expect(() => {
      requireOpenFiles(256);
    }).not.toThrow();
  });
});

describe("requireConnections", () => {
  test("accepts the default for the least limit, and refuses more with both cures", () => {
    const require = (connections: number, limit: number) => (): void => {
      requireConnections(connections, limit);
    };
    expect(require(64, 256)).not.toThrow();
    expect(require(4096, Number.POSITIVE_INFINITY)).not.toThrow();
    expect(require(1000, 1024)).toThrow(
      /^limits\.inFlight is 1000, .* of which 1024 are allowed here: lower limits\.inFlight to 832 together, or .* ulimit -n 1192 /,
    );
    expect(require(1, 100)).toThrow("lower limits.inFlight to 0 together");
  });
});

describe("mostWorkers", () => {
  test.each([
    [100, 1],
    [256, 1],
    [1024, 7],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])("of %d open files is %d", (limit, workers) => {
    expect(mostWorkers(limit)).toBe(workers);
  });
});

test("too many open files are an expected failure with its own cure", () => {
  const error = Object.assign(new Error("EMFILE: too many open files, open 'x'"), {
    code: "EMFILE",
  });
  expect(asExpected(error)).toMatchObject({
    code: "OUTPUT_FAILED",
    message: expect.stringMatching(/^EMFILE.*open 'x'\. Raise the limit with ulimit/) as unknown,
  });
});
