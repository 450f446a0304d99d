import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const fixture = fileURLToPath(new URL("interrupted-fixture.ts", import.meta.url));

interface Working {
  readonly child: ChildProcessWithoutNullStreams;
  readonly nextLine: () => Promise<string | undefined>;
  readonly ended: Promise<readonly unknown[]>;
}

async function begin(work: string): Promise<Working> {
  const child = spawn(process.execPath, ["--import", "tsx", fixture, work]);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string | undefined> => {
    const next = (await lines.next()) as IteratorResult<string, undefined>;
    return next.value;
  };
  expect(await nextLine()).toBe("working");
  return { child, nextLine, ended };
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "what fails after a %s was interrupted",
  async (signal) => {
    const { child, nextLine, ended } = await begin("willing");
    child.kill(signal);
    expect(await nextLine()).toMatch(/^stopping: finished work is kept/);
    expect(JSON.parse((await nextLine()) ?? "")).toMatchObject({
      code: "INTERRUPTED",
      message: "interrupted",
      cause: "Error: the work was cut short",
    });
    expect(await ended).toEqual([0, null]);
  },
);

test("what fails without a signal fails as it is", async () => {
  const { child, nextLine, ended } = await begin("willing");
  child.stdin.write("fail\n");
  expect(JSON.parse((await nextLine()) ?? "")).toMatchObject({
    name: "Error",
    message: "the work was cut short",
  });
  expect(await ended).toEqual([0, null]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "a second %s ends the process while a native thread is at work",
  async (signal) => {
    const { child, nextLine, ended } = await begin("deaf");
    child.kill(signal);
    expect(await nextLine()).toMatch(/^stopping/);
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
  },
);
