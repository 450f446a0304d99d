import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseIndices } from "../../src/flow/executors/jobs/index-ranges.ts";
import { buildCli, type BuiltCli } from "../cli/built-cli.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const container = z.object({ name: z.string(), args: z.array(z.string()) });
const manifest = z.object({
  kind: z.literal("Job"),
  spec: z.object({
    completionMode: z.literal("Indexed"),
    completions: z.int(),
    podFailurePolicy: z.object({
      rules: z.array(
        z.object({
          action: z.string(),
          onExitCodes: z.object({ containerName: z.string(), values: z.array(z.int()) }).optional(),
        }),
      ),
    }),
    template: z.object({ spec: z.object({ containers: z.array(container).length(1) }) }),
  }),
});

let cli: BuiltCli;

beforeAll(async () => {
  cli = await buildCli();
}, 300_000);

afterAll(() => cli.remove());

async function readJob(): Promise<z.output<typeof manifest>["spec"]> {
  const file = fileURLToPath(new URL("../../deploy/kubernetes-job.yaml", import.meta.url));
  return manifest.parse(parse(await readFile(file, "utf8"))).spec;
}

describe("deploy/kubernetes-job.yaml", () => {
  test("has a command line that r4ec takes, with a task for each pod", async () => {
    const { completions, template } = await readJob();
    const args = template.spec.containers.flatMap((one) => one.args);
    const valueOf = (option: string): string => args[args.indexOf(option) + 1] ?? "";
    expect(parseIndices(valueOf("--index"))).toHaveLength(completions);
    expect(valueOf("--nth")).toBe("$(JOB_COMPLETION_INDEX)");
    const run = join(await scratchFolder(), "none");
    const asPod = (pod: number): readonly string[] =>
      args.map((arg) => (arg === valueOf("--run") ? run : arg.replace(/^\$\(.*\)$/, String(pod))));
    expect((await cli.run(asPod(completions - 1))).stderr).toContain(`there is no folder ${run}`);
    expect((await cli.run(asPod(completions))).stderr).toContain(`from 0 to ${completions - 1}`);
  });

  test("gives a task up at the exit code by which r4ec says that another try will not help", async () => {
    const { podFailurePolicy, template } = await readJob();
    const { stdout } = await cli.run(["task", "--help"]);
    const [, final = ""] = /(\d+) it will not/.exec(stdout) ?? [];
    const failing = podFailurePolicy.rules.filter(({ action }) => action === "FailIndex");
    expect(failing.map(({ onExitCodes }) => onExitCodes)).toEqual([
      { containerName: template.spec.containers[0]?.name, values: [Number(final)] },
    ]);
  });
});
