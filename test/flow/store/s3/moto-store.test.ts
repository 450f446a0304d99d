import { spawn } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { filesNamedIn } from "../../../../src/flow/store/named-files.ts";
import { probeStore } from "../../../../src/flow/store/probe.ts";
import type { RunStore } from "../../../../src/flow/store/run-store.ts";
import { openS3Store } from "../../../../src/flow/store/s3/open-s3-store.ts";
import { motoFault, startMoto, type Moto } from "../../../util/moto.ts";
import { scratchFolder } from "../../../util/scratch-folder.ts";
import { failure, keysOf, testStore, textOf } from "../contract.ts";
import {
  seededFaults,
  startFaultProxy,
  type FaultProxy,
  type StoreFault,
  type StoreRequest,
} from "./fault-proxy.ts";

const fault = motoFault();
const where = fault === null ? "" : ` (skipped: ${fault})`;
const waits = [5, 10, 20, 40, 80, 160, 320, 640];

describe.skipIf(fault !== null)(`openS3Store${where}`, { timeout: 240_000 }, () => {
  let moto: Moto;

  beforeAll(async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    moto = await startMoto("runs");
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto.close();
  });

  const openAt = (endpoint: string, prefix: string = randomUUID()): Promise<RunStore> =>
    openS3Store(`s3://runs/r4ec/${prefix}/`, {
      endpoint,
      region: "us-east-1",
      waits,
      idleMs: 2_000,
    });

  testStore("in front of moto", () => openAt(moto.url));

  describe("behind a proxy with faults", () => {
    let proxy: FaultProxy;
    const rates = { unavailable: 0.04, conflict: 0.1, lost: 0.06, cut: 0.1, slow: 0.05 };

    beforeAll(async () => {
      proxy = await startFaultProxy(moto.url, seededFaults(17, rates));
    });
    afterAll(async () => {
      await proxy.close();
    });

    testStore("the contract holds", () => openAt(proxy.url));

    test("each kind of fault was met", () => {
      expect([...proxy.done.keys()].sort()).toEqual(Object.keys(rates).sort());
      expect(Math.min(...proxy.done.values())).toBeGreaterThanOrEqual(5);
    });
  });

  test("of four processes that finish the same 200 tasks, one has finished each, and its part is there", async () => {
    const proxy = await startFaultProxy(
      moto.url,
      seededFaults(23, { unavailable: 0.03, conflict: 0.1, lost: 0.05, cut: 0.05, slow: 0.02 }),
    );
    onTestFinished(() => proxy.close());
    const prefix = randomUUID();
    const script = new URL("racing-process.ts", import.meta.url).pathname;
    const racers = await Promise.all(
      ["1", "2", "3", "4"].map(async (seed) => {
        const args = [`s3://runs/r4ec/${prefix}`, proxy.url, "200", await scratchFolder(), seed];
        const racer = spawn(process.execPath, ["--import", "tsx", script, ...args], {
          stdio: ["pipe", "pipe", "inherit"],
        });
        onTestFinished(() => void racer.kill("SIGKILL"));
        await once(racer.stdout, "data");
        return racer;
      }),
    );
    const ended = racers.map((racer) => once(racer, "exit"));
    const startMs = Date.now() + 200;
    for (const racer of racers) racer.stdin.write(String(startMs));
    expect(await Promise.all(ended)).toEqual(racers.map(() => [0, null]));

    const store = await openAt(moto.url, prefix);
    onTestFinished(() => store.close());
    const named: string[] = [];
    for (const key of await keysOf(store, "manifests/")) {
      for (const file of filesNamedIn(key, (await store.get(key)) ?? Buffer.of())) {
        named.push(file.path);
        const content = (await store.get(file.path)) ?? Buffer.of();
        expect(createHash("sha256").update(content).digest("hex")).toBe(file.sha256);
      }
    }
    expect(named).toHaveLength(200);
    // The others' parts are gone.
    expect(await keysOf(store, "tables/")).toEqual(named.toSorted());
    const winners = new Set(named.map((path) => path.split(".").at(-1)));
    expect(winners.size).toBeGreaterThan(1);
    expect(proxy.done.get("lost")).toBeGreaterThan(20);
  });

  /** A store behind a proxy that does each fault to the next request that fits. */
  const spoiled = async (
    ...faults: readonly { fault: StoreFault; fits: (asked: StoreRequest) => boolean }[]
  ) => {
    const waiting = [...faults];
    const proxy = await startFaultProxy(moto.url, (asked) => {
      if (waiting[0]?.fits(asked) !== true) return null;
      return waiting.shift()?.fault ?? null;
    });
    onTestFinished(() => proxy.close());
    const store = await openAt(proxy.url);
    onTestFinished(() => store.close());
    return { store, proxy };
  };
  const isConditional = ({ headers }: StoreRequest): boolean => "if-none-match" in headers;
  const isGet = ({ method, url }: StoreRequest): boolean =>
    method === "GET" && !url.includes("list-type");

  test("a lost reply is no lost race, and a won race none that others lose twice", async () => {
    const { store } = await spoiled({ fault: "lost", fits: isConditional });
    expect(await store.putIfAbsent("a", "mine")).toBe(true);
    expect(await store.putIfAbsent("a", "yours")).toBe(false);
    expect(textOf(await store.get("a"))).toBe("mine");
  });

  test("the probe refuses a store that ignores the condition, and cleans up", async () => {
    const { store, proxy } = await spoiled(
      { fault: "stripped", fits: isConditional },
      { fault: "stripped", fits: isConditional },
    );
    await expect(probeStore(store)).rejects.toEqual(
      failure("CONFIG_INVALID", /s3:\/\/runs\/r4ec\/.*ignores If-None-Match.*Use a store that/),
    );
    expect(proxy.done.get("stripped")).toBe(2);
    expect(await keysOf(store, "")).toEqual([]);
  });

  test("a download that is cut off and stalls goes on where it was", async () => {
    const { store, proxy } = await spoiled(
      { fault: "cut", fits: isGet },
      { fault: "cut", fits: isGet },
      { fault: "hang", fits: isGet },
    );
    const folder = await scratchFolder();
    const content = randomBytes(5_000_000);
    await writeFile(join(folder, "up"), content);
    await store.upload("a", join(folder, "up"));
    expect(await store.download("a", join(folder, "down"))).toBe(true);
    expect((await readFile(join(folder, "down"))).equals(content)).toBe(true);
    const asked = proxy.requests.filter(isGet);
    const starts = asked.map(({ headers }) => Number(/\d+/.exec(headers.range ?? "0")?.[0]));
    expect(starts).toHaveLength(4);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.slice(1).every((start) => start > 0)).toBe(true);
    expect(asked.slice(1).every(({ headers }) => headers["if-match"] !== undefined)).toBe(true);
  });

  test("a download of a file that is written to meanwhile is of one content", async () => {
    const folder = await scratchFolder();
    const old = randomBytes(3_000_000);
    await writeFile(join(folder, "new"), randomBytes(2_000_000));
    await writeFile(join(folder, "old"), old);
    const prefix = randomUUID();
    const direct = await openAt(moto.url, prefix);
    await direct.upload("a", join(folder, "old"));
    let gets = 0;
    const proxy = await startFaultProxy(moto.url, (asked) =>
      isGet(asked) && ++gets === 1 ? "cut" : null,
    );
    onTestFinished(() => proxy.close());
    const store = await openS3Store(`s3://runs/r4ec/${prefix}`, {
      ...{ endpoint: proxy.url, region: "us-east-1", waits: [400, 400] },
    });
    const download = store.download("a", join(folder, "down"));
    await vi.waitFor(() => {
      expect(gets).toBe(1);
    });
    await direct.upload("a", join(folder, "new"));
    expect(await download).toBe(true);
    const found = await readFile(join(folder, "down"));
    expect(found.equals(await readFile(join(folder, "new")))).toBe(true);
    await store.close();
    await direct.close();
  });

  test("the lost reply to the end of an upload does not make it fail", async () => {
    const isEnd = ({ method, url }: StoreRequest): boolean =>
      method === "POST" && url.includes("uploadId=");
    const { store } = await spoiled({ fault: "lost", fits: isEnd });
    const folder = await scratchFolder();
    const content = randomBytes(17 * 1024 * 1024);
    await writeFile(join(folder, "up"), content);
    await store.upload("a", join(folder, "up"));
    expect(await store.download("a", join(folder, "down"))).toBe(true);
    expect((await readFile(join(folder, "down"))).equals(content)).toBe(true);
  });

  test("an upload that fails leaves no pieces that cost money", async () => {
    const isPiece = ({ url }: StoreRequest): boolean => url.includes("partNumber=2");
    const proxy = await startFaultProxy(moto.url, (asked) =>
      isPiece(asked) ? "unavailable" : null,
    );
    onTestFinished(() => proxy.close());
    const prefix = randomUUID();
    const store = await openS3Store(`s3://runs/r4ec/${prefix}`, {
      ...{ endpoint: proxy.url, region: "us-east-1", waits: [1] },
    });
    onTestFinished(() => store.close());
    const folder = await scratchFolder();
    await writeFile(join(folder, "up"), randomBytes(33 * 1024 * 1024));
    await expect(store.upload("a", join(folder, "up"))).rejects.toEqual(
      failure(
        "STORE_FAILED",
        /could not write a: the server failed again and again \(SlowDown 503/,
      ),
    );
    expect(await keysOf(store, "")).toEqual([]);
    const uploads = await (await fetch(`${moto.url}/runs?uploads`)).text();
    expect(uploads).toContain("ListMultipartUploadsResult");
    expect(uploads).not.toContain(prefix);
  });

  test("a bucket that is missing is named", async () => {
    const store = await openS3Store("s3://other/run", { endpoint: moto.url, waits: [1] });
    onTestFinished(() => store.close());
    await expect(store.put("a", "x")).rejects.toEqual(
      failure("STORE_FAILED", /s3:\/\/other\/run could not write a: there is no such bucket/),
    );
    await expect(keysOf(store, "")).rejects.toEqual(failure("STORE_FAILED", /no such bucket/));
  });
});
