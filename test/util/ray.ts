import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const program = process.env["R4EC_RAY"];
const run = promisify(execFile);
const jobList = z.array(z.object({ submission_id: z.string().nullish(), status: z.string() }));

/** Why no Ray can be started here; null where it can. */
export function rayFault(): string | null {
  if (program === undefined || program === "") {
    return "R4EC_RAY names no ray, which pip install 'ray[default]' installs";
  }
  return existsSync(program) ? null : `R4EC_RAY names ${program}, which is not there`;
}

/** A cluster of three nodes with a core each on this machine. */
export interface Ray {
  /** Of its Jobs API. */
  readonly address: string;
  /** The Python of its environment. */
  readonly python: string;
  /** Ids of its jobs that are pending or running. */
  readonly jobsAtWork: () => Promise<readonly string[]>;
  /** Ends the second or third node at once: its raylet, by SIGKILL, whose workers end when they notice. */
  readonly loseNode: (node: 2 | 3) => void;
  readonly close: () => Promise<void>;
}

/** Starts a head and two further nodes. */
export async function startRay(folder: string): Promise<Ray> {
  if (program === undefined) throw new Error("internal: no ray to start");
  // Short: the paths of sockets may have 107 characters.
  const temporary = await mkdtemp("/tmp/ray-");
  const [port, dashboard] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    PATH: `${dirname(program)}:${process.env["PATH"] ?? ""}`,
    ...{ RAY_USAGE_STATS_ENABLED: "0", RAY_DISABLE_IMPORT_WARNING: "1", HOME: folder },
  };
  const small = ["--num-cpus=1", "--object-store-memory=80000000", "--disable-usage-stats"];
  const start = (words: readonly string[]): Promise<unknown> =>
    run(program, ["start", "--node-ip-address=127.0.0.1", ...small, ...words], { env });
  /** Those of the cluster that say so, and what they have started. */
  const processes = (): readonly Process[] => {
    const all = processesHere();
    const found = new Set<Process>();
    const add = (one: Process): void => {
      if (found.has(one)) return;
      found.add(one);
      for (const child of all) if (child.parent === one.pid) add(child);
    };
    const itsPort = new RegExp(`\\bray\\b.*:${port}\\b`);
    for (const one of all) {
      if (one.line.includes(temporary) || itsPort.test(one.line)) add(one);
    }
    return [...found];
  };
  const kill = (pid: number): void => {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended
    }
  };
  const close = async (): Promise<void> => {
    for (const { pid } of processes()) kill(pid);
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  };
  const address = `http://127.0.0.1:${dashboard}`;
  try {
    await start([
      ...["--head", `--port=${port}`, `--temp-dir=${temporary}`],
      ...["--dashboard-host=127.0.0.1", `--dashboard-port=${dashboard}`],
      ...[`--dashboard-agent-listen-port=${await freePort()}`],
    ]);
    for (let node = 2; node <= 3; node++) {
      await start([
        `--address=127.0.0.1:${port}`,
        `--dashboard-agent-listen-port=${await freePort()}`,
      ]);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    address,
    python: join(dirname(program), "python3"),
    jobsAtWork: async () => {
      const jobs = jobList.parse(await (await fetch(`${address}/api/jobs/`)).json());
      return jobs
        .filter(({ status }) => status === "PENDING" || status === "RUNNING")
        .flatMap(({ submission_id: id }) => id ?? []);
    },
    loseNode: (node) => {
      const own = new RegExp(`raylet/raylet .*raylet\\.${node - 1} `);
      const raylet = processes().find(({ line }) => own.test(line));
      if (raylet === undefined) throw new Error(`node ${node} has no raylet`);
      kill(raylet.pid);
    },
    close,
  };
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly line: string;
}

function processesHere(): readonly Process[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((text) => {
    const [, pid, parent, line = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(text) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), line }];
  });
}

/** A port of the loopback interface that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
