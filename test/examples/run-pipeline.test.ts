import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onTestFinished, expect, test } from "vitest";
import { buildCli } from "../cli/built-cli.ts";
import { writeTinyPipeline } from "../cli/tiny-pipeline.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

test(
  "the example runs with the built package and prints the lift",
  { timeout: 300_000 },
  async () => {
    const folder = await scratchFolder();
    await writeTinyPipeline(folder);
    const { main, remove } = await buildCli();
    onTestFinished(remove);
    const packageFolder = dirname(dirname(dirname(main)));
    const example = join(packageFolder, "examples/run-pipeline.ts");
    await cp(fileURLToPath(new URL("../../examples/run-pipeline.ts", import.meta.url)), example);
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [
        ...["--import", import.meta.resolve("tsx"), example],
        `dataset={ source: movielens, path: ${join(folder, "ml")} }`,
        "compare.resamples=10",
        "runtime.memoryLimit=512MB",
      ],
      { cwd: folder },
    );
    expect(stderr).toMatch(/^ingest: \d+\.\d s$/m);
    expect(stdout).toMatch(/^dcn: r4ec over base: AUC -?0\.\d{4}$/m);
  },
);
