import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { z } from "zod";
import { jsonOrNull } from "../../../base/json.ts";
import { shellWord } from "../../../base/shell-word.ts";
import { jobCommand } from "./job-command.ts";
import type { Job, JobEngine, SubmittedJob } from "./job-engine.ts";
import { jobsFolder } from "./job-state.ts";
import { lastLine, rayApi, type RayAddress, type RayJob } from "./ray-api.ts";
import { endMark, rayProgram } from "./ray-program.ts";

export interface RayEngineOptions extends RayAddress {
  readonly runDir: string;
  /** The run as a job is told of it: its folder, or its place in a store. */
  readonly run: string;
  /** Whether workers see `runDir`, so that the jobs' logs can be there. */
  readonly isShared: boolean;
  /** Name of the run, shown by Ray's dashboard. */
  readonly name: string;
  readonly program: string;
  /** What starts Python, with Ray, on the head. */
  readonly python: string;
  /** Most jobs of a Ray job at work at a time. Default: as many as the cluster has room for. */
  readonly atOnce?: number | undefined;
  /** As Ray takes it. */
  readonly runtimeEnv: object;
  /** Further options of the Ray tasks, as Ray takes them. */
  readonly options: object;
}

const handleParts = z.object({
  /** The Ray job. */
  ray: z.string(),
  id: z.string(),
  /** How many jobs the Ray job has. */
  of: z.int(),
});
type Handle = z.output<typeof handleParts>;

const jobEnd = z.object({
  id: z.string(),
  host: z.string().optional(),
  code: z.int().optional(),
  fault: z.string().optional(),
  lost: z.string().optional(),
});
type JobEnd = z.output<typeof jobEnd>;

/** Most characters of ids and indices in a Ray job: Linux takes a shell command of 128 KiB. */
const mostListed = 60_000;

/**
 * Submits jobs to a Ray cluster by its Jobs API: those of one submission are tasks of one Ray job, whose {@link rayProgram} runs on the
 * head. Ray restarts nothing: the driver submits again what is lost. A Ray job is stopped once all of its jobs are over or cancelled; one
 * that is cancelled alone works on until then.
 */
export function rayEngine(options: RayEngineOptions): JobEngine {
  const { runDir, run, isShared, name, program, python, atOnce = null } = options;
  const api = rayApi(options);
  const cancelled = new Set<string>();

  /** Jobs that need the same, as one Ray job. */
  const submitGroup = async (jobs: readonly Job[]): Promise<readonly SubmittedJob[]> => {
    const [first] = jobs;
    if (first === undefined) return [];
    const folder = jobsFolder(runDir, first.stage);
    if (isShared) await mkdir(folder, { recursive: true });
    const { cpus = 1, memoryMb, gpus } = first.resources;
    const plan = {
      command: jobCommand(program, run, {
        ...{ ...first, id: '"$R4EC_JOB"', indices: '"$R4EC_INDEX"' },
        // Ray counts cores and keeps nobody from the others.
        resources: { ...first.resources, cpus },
      }),
      log: isShared ? folder : null,
      jobs: jobs.map(({ id, indices }) => [id, indices]),
      options: {
        num_cpus: cpus,
        ...(memoryMb === undefined ? {} : { memory: memoryMb * 2 ** 20 }),
        ...(gpus === undefined ? {} : { num_gpus: gpus }),
        ...options.options,
      },
      atOnce,
    };
    const token = randomBytes(4).toString("hex");
    const ray = `r4ec-${name}-${first.stage}-${token}`.replaceAll(/[^\w.-]/gu, "-");
    await api.submit(ray, {
      entrypoint: `exec ${python} -c ${shellWord(rayProgram)} ${shellWord(JSON.stringify(plan))}`,
      entrypoint_num_cpus: 0,
      runtime_env: options.runtimeEnv,
    });
    return jobs.map(({ id }) => ({ id, handle: JSON.stringify({ ray, id, of: jobs.length }) }));
  };

  return {
    submit: async (jobs) => {
      const submitted: SubmittedJob[] = [];
      for (const group of groupsOf(jobs)) submitted.push(...(await submitGroup(group)));
      return submitted;
    },
    alive: async (handles) => {
      const alive = new Set<string>();
      for (const [ray, some] of byRayJob(handles)) {
        if (!isAtWork(await api.job(ray))) continue;
        const ends = endsIn(await api.logs(ray));
        for (const { handle, id } of some) if (!ends.has(id)) alive.add(handle);
      }
      return alive;
    },
    cancel: async (handles) => {
      for (const [ray, some] of byRayJob(handles)) {
        if (!isAtWork(await api.job(ray))) continue;
        for (const { handle } of some) cancelled.add(handle);
        const ends = endsIn(await api.logs(ray));
        const over = new Set(ends.keys());
        for (const { id } of handlesIn([...cancelled], ray)) over.add(id);
        if (some.some(({ of }) => over.size >= of)) await api.stop(ray);
      }
    },
    lastWords: async (handle) => {
      const [[ray, [job]] = ["", []]] = byRayJob([handle]);
      if (job === undefined) return null;
      const logs = await api.logs(ray);
      const end = endsIn(logs).get(job.id);
      if (end !== undefined) return wordsOf(end, { program, runDir });
      const { message } = (await api.job(ray)) ?? { message: null };
      return message == null
        ? `Ray has no job ${ray}`
        : `Ray job ${ray}: ${faultOf(message, logs)}`;
    },
  };
}

/** Jobs in order, cut where what is listed of them grows too long for a shell. */
function groupsOf(jobs: readonly Job[]): readonly (readonly Job[])[] {
  const groups: Job[][] = [];
  let listed = Infinity;
  for (const job of jobs) {
    const length = job.id.length + job.indices.length + 8;
    if (listed + length > mostListed) {
      groups.push([]);
      listed = 0;
    }
    groups.at(-1)?.push(job);
    listed += length;
  }
  return groups;
}

type NamedHandle = Handle & { readonly handle: string };

function byRayJob(handles: readonly string[]): ReadonlyMap<string, readonly NamedHandle[]> {
  const all = handles.flatMap((handle) => {
    const parts = handleParts.safeParse(jsonOrNull(handle));
    return parts.success ? [{ ...parts.data, handle }] : [];
  });
  const names = [...new Set(all.map(({ ray }) => ray))];
  return new Map(names.map((name) => [name, all.filter(({ ray }) => ray === name)]));
}

function handlesIn(handles: readonly string[], ray: string): readonly NamedHandle[] {
  return byRayJob(handles).get(ray) ?? [];
}

/** The ends that a Ray job has printed, by id of the job. */
function endsIn(logs: string): ReadonlyMap<string, JobEnd> {
  const told = logs.split("\n").flatMap((line) => {
    if (!line.startsWith(endMark)) return [];
    const end = jobEnd.safeParse(jsonOrNull(line.slice(endMark.length)));
    return end.success ? [end.data] : [];
  });
  return new Map(told.map((end) => [end.id, end]));
}

/** Why a Ray job failed as a whole. Ray's message and its log hold the program itself, sometimes after what it printed. */
function faultOf(message: string, logs: string): string {
  const [what = ""] = message.split(", last available logs");
  if (what === message) return lastLine(message);
  const said = lastLine(logs.replace(/Running entrypoint [^]*?"atOnce":[^\n]*\n?/, ""));
  const cure = /No module named 'ray'|not found/.test(said)
    ? ". runtime.executor.ray.python must start a Python that has Ray, on the head"
    : "";
  return `${what}: ${said}${cure}`;
}

function isAtWork(job: RayJob | null): boolean {
  return job?.status === "PENDING" || job?.status === "RUNNING";
}

function wordsOf(
  { host = "its node", code, fault, lost }: JobEnd,
  { program, runDir }: Pick<RayEngineOptions, "program" | "runDir">,
): string {
  if (lost !== undefined) return `Ray lost it: ${lastLine(lost)}`;
  if (fault !== undefined) {
    return (
      `it cannot begin on ${host}: ${fault}. All nodes must see the run folder ${runDir} at this path; without a file system in common, ` +
      "keep the run in a bucket: --out s3://bucket/folder"
    );
  }
  if (code === 127 || code === 126) {
    return (
      `exit code ${code} on ${host}: it cannot start ${program}. Install Node and r4ec there, or name what starts r4ec by ` +
      "runtime.executor.ray.program"
    );
  }
  return `exit code ${code ?? "unknown"} on ${host}`;
}
