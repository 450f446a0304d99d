import { execFile, spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel"];

/** Why no Slurm can be started here; null where it can. */
export function slurmFault(): string | null {
  const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
  const has = (name: string): boolean =>
    spawnSync("sh", ["-c", `command -v ${name}`], { env: { ...process.env, PATH: path } })
      .status === 0;
  const missing = programs.filter((name) => !has(name));
  if (missing.length > 0) return `${missing.join(", ")} not installed`;
  return process.getuid?.() === 0 ? null : "not root";
}

export interface Slurm {
  /** For programs that use it. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends a node at once, with everything that runs on it. */
  readonly loseNode: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts a cluster of three nodes with two cores each on this machine. A node that is lost is noticed after ten seconds. */
export async function startSlurm(folder: string): Promise<Slurm> {
  const path = (name: string): string => join(folder, name);
  const port = 20_000 + (randomBytes(2).readUInt16BE() % 20_000);
  const nodes = ["n1", "n2", "n3"];
  const host = hostname().split(".")[0] ?? "localhost";
  for (const name of ["state", ...nodes]) await mkdir(path(name), { recursive: true });
  await writeFile(path("munge.key"), randomBytes(1024), { mode: 0o600 });
  await writeFile(
    path("slurm.conf"),
    [
      ...["ClusterName=test", `SlurmctldHost=${host}(127.0.0.1)`, "SlurmUser=root"],
      ...[`SlurmctldPort=${port}`, "AuthType=auth/munge", `AuthInfo=socket=${path("munge.sock")}`],
      ...["CredType=cred/munge", "MpiDefault=none", "ProctrackType=proctrack/linuxproc"],
      ...["TaskPlugin=task/none", "SelectType=select/cons_tres", "SelectTypeParameters=CR_CPU"],
      ...[`StateSaveLocation=${path("state")}`, `SlurmdSpoolDir=${path("%n")}`],
      ...[`SlurmctldPidFile=${path("ctld.pid")}`, `SlurmdPidFile=${path("%n.pid")}`],
      ...[`SlurmctldLogFile=${path("ctld.log")}`, `SlurmdLogFile=${path("%n.log")}`],
      ...["SlurmdTimeout=10", "SlurmctldTimeout=10", "ReturnToService=2", "KillWait=5"],
      ...nodes.map(
        (name, place) =>
          `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port + 1 + place} CPUs=2`,
      ),
      `PartitionName=all Nodes=${nodes.join()} Default=YES MaxTime=INFINITE State=UP`,
    ].join("\n"),
  );
  const env = {
    SLURM_CONF: path("slurm.conf"),
    PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`,
  };
  const start = (name: string, ...words: string[]): Promise<unknown> =>
    run(name, words, { env: { ...process.env, ...env } });
  const munge = ["socket", "key-file", "pid-file", "log-file", "seed-file"].map(
    (option) =>
      `--${option}=${path(`munge.${option.split("-")[0] === "socket" ? "sock" : (option.split("-")[0] ?? "")}`)}`,
  );
  await start("munged", "--force", ...munge);
  await start("slurmctld");
  for (const name of nodes) await start("slurmd", "-N", name);
  for (let tries = 0; ; tries++) {
    if (tries > 100) throw new Error("the nodes do not come up");
    const { stdout } = await run("sinfo", ["--noheader", "--format=%D %T"], {
      env: { ...process.env, ...env },
    });
    if (/^3 idle/m.test(stdout)) break;
    await delay(200);
  }

  const pidIn = async (name: string): Promise<number> =>
    Number((await readFile(path(name), "utf8").catch(() => "0")).trim());
  /** Ends a process and those that it has started. */
  const end = async (pid: number): Promise<void> => {
    if (pid === 0) return;
    const { stdout } = await run("ps", ["-eo", "pid=,ppid="]);
    const pairs = stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number));
    for (const [child = 0, parent] of pairs) if (parent === pid) await end(child);
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended
    }
  };
  return {
    env,
    loseNode: async (name) => {
      await end(await pidIn(`${name}.pid`));
      // The daemons of jobs have left their parent.
      const { stdout } = await run("ps", ["-eo", "pid=,args="]);
      const { stdout: jobs } = await run(
        "squeue",
        ["--noheader", "--array", `--nodelist=${name}`, "--format=%A"],
        { env: { ...process.env, ...env } },
      );
      for (const job of jobs.trim().split("\n").filter(Boolean)) {
        for (const line of stdout.split("\n")) {
          if (line.includes(`slurmstepd: [${job}.`)) await end(Number(line.trim().split(" ")[0]));
        }
      }
    },
    close: async () => {
      await run("scancel", ["--state=PENDING,RUNNING", "--user=root"], {
        env: { ...process.env, ...env },
      }).catch(() => undefined);
      for (const name of [...nodes, "ctld", "munge"]) await end(await pidIn(`${name}.pid`));
    },
  };
}
