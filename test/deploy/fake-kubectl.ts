/**
 * @file What kubernetes-run.sh needs of kubectl, with a cluster of one Job in the folder FAKE_CLUSTER. Its pods are processes of
 * FAKE_R4EC, a shell command. Asked for jsonpath, it answers what the script wants to know. Every command is noted in `calls`.
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const cluster = process.env["FAKE_CLUSTER"] ?? "";
const at = (name: string): string => join(cluster, name);
const read = (name: string): string => readFileSync(at(name), "utf8");
const [verb = "", ...words] = process.argv.slice(2);
const after = (option: string): string => words[words.indexOf(option) + 1] ?? "";

const manifestParts = z.record(z.string(), z.unknown());
const patch = z.array(
  z.object({ op: z.literal("add"), path: z.string().startsWith("/"), value: z.unknown() }),
);
const job = z.object({
  spec: z.object({
    completions: z.int(),
    backoffLimitPerIndex: z.int(),
    podFailurePolicy: z.object({
      rules: z.array(
        z.object({
          action: z.string(),
          onExitCodes: z.object({ containerName: z.string(), values: z.array(z.int()) }).optional(),
        }),
      ),
    }),
    template: z.object({
      spec: z.object({
        containers: z.tuple([z.object({ name: z.string(), args: z.array(z.string()) })]),
      }),
    }),
  }),
});
const pods = z.array(z.object({ name: z.string(), code: z.int().nullable() }));

/** Adds a value to a manifest, at a path that is there but for its last step. */
function add(manifest: object, path: string, value: unknown): void {
  const steps = path.split("/").slice(1);
  let parent = manifest;
  for (const step of steps.slice(0, -1)) {
    const next: unknown = Reflect.get(parent, step);
    if (typeof next !== "object" || next === null) throw new Error(`${path}: there is no ${step}`);
    parent = next;
  }
  Reflect.set(parent, steps.at(-1) ?? "", value);
}

/** Runs the pods of the Job one after another, as its failure policy says. */
function runPods(): void {
  const { spec } = job.parse(JSON.parse(read("job.json")));
  const [{ args, name }] = spec.template.spec.containers;
  const failed: z.output<typeof pods> = [];
  /** How the task of an index ends. */
  const end = (index: number, tried: number): "Failed" | "Complete" => {
    const filled = args.map((arg) => arg.replace("$(JOB_COMPLETION_INDEX)", String(index)));
    const command = `${process.env["FAKE_R4EC"] ?? ""} "$@"`;
    const pod = spawnSync("sh", ["-c", command, "sh", ...filled], { encoding: "utf8" });
    if (pod.status === 0) return "Complete";
    const podName = `pod-${index}-${tried}`;
    failed.push({ name: podName, code: pod.status });
    writeFileSync(at(podName), `${pod.stdout}${pod.stderr}`);
    const rule = spec.podFailurePolicy.rules.find(
      ({ onExitCodes: on }) =>
        on?.containerName === name && pod.status !== null && on.values.includes(pod.status),
    );
    const isLast = rule?.action === "FailIndex" || tried === spec.backoffLimitPerIndex;
    return isLast ? "Failed" : end(index, tried + 1);
  };
  const ends = Array.from({ length: spec.completions }, (_, index) => end(index, 0));
  writeFileSync(at("failed.json"), JSON.stringify(failed));
  writeFileSync(
    at("end"),
    ends.includes("Failed") ? "FailureTarget Failed" : "SuccessCriteriaMet Complete",
  );
}

const verbs: Readonly<Record<string, () => void>> = {
  patch: () => {
    const manifest = manifestParts.parse(parse(readFileSync(after("-f"), "utf8")));
    for (const { path, value } of patch.parse(JSON.parse(after("-p")))) add(manifest, path, value);
    process.stdout.write(JSON.stringify(manifest));
  },
  apply: () => {
    rmSync(at("end"), { force: true });
    writeFileSync(at("job.json"), readFileSync(0));
    const again = [process.argv[1] ?? "", "run-pods"];
    const running = spawn(process.execPath, again, { detached: true, stdio: "ignore" });
    writeFileSync(at("group"), String(running.pid));
    running.unref();
  },
  "run-pods": runPods,
  get: () => {
    if (words[0] === "pods") {
      for (const { name, code } of pods.parse(JSON.parse(read("failed.json")))) {
        process.stdout.write(`${name} ${code}\n`);
      }
      return;
    }
    if (existsSync(at("out-of-reach"))) throw new Error("connection refused");
    if (!existsSync(at("job.json"))) return;
    process.stdout.write(`Job ${existsSync(at("end")) ? read("end") : ""}`);
  },
  logs: () => {
    process.stdout.write(read(words[0] ?? ""));
  },
  delete: () => {
    rmSync(at("job.json"), { force: true });
    process.kill(-Number(read("group")), "SIGTERM");
  },
};

if (verb !== "run-pods") appendFileSync(at("calls"), `${[verb, ...words].join(" ")}\n`);
const act = verbs[verb];
if (act === undefined) throw new Error(`kubectl ${verb}: not in this cluster`);
act();
