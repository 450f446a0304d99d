import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGraph } from "../../src/autodiff/graph.ts";
import { graphOps } from "../../src/autodiff/trace.ts";
import { emitModel } from "../../src/onnx/emit/emit.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { watchNetwork } from "../util/watch-network.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";

let cli: BuiltCli;

beforeAll(async () => {
  cli = await buildCli();
}, 300_000);

afterAll(() => cli.remove());

/** Opens a session of ONNX Runtime and asks a server, both as any program would. */
const careless = `
import { createRequire } from "node:module";
const { InferenceSession } = createRequire(process.argv[2])("onnxruntime-node");
await InferenceSession.create(process.argv[3]);
await fetch(process.env.http_proxy);
`;

describe("watchNetwork", () => {
  test("sees what ONNX Runtime leaves behind when it may report, and Node's connections", async () => {
    const folder = await scratchFolder();
    const { env, seen } = await watchNetwork();
    const graph = createGraph();
    const input = graph.node({ kind: "input", name: "x" }, [], [2]);
    const { bytes } = emitModel(new Map([["y", graphOps(graph).mul(input, 2)]]));
    await writeFile(join(folder, "model.onnx"), bytes);
    await writeFile(join(folder, "careless.mjs"), careless);
    const library = createRequire(import.meta.url).resolve("onnxruntime-node");
    // The library does not report where CI is set.
    const { ORT_DISABLE_TELEMETRY: _forbidden, CI: _isTest, ...open } = process.env;
    await promisify(execFile)(
      process.execPath,
      [join(folder, "careless.mjs"), library, join(folder, "model.onnx")],
      { env: { ...open, ...env } },
    );
    expect(await seen()).toContainEqual(expect.stringMatching(/^node connects: .*"port"/));
    if (process.platform !== "linux") return; // elsewhere the library reports in other ways, or not at all
    expect(await seen()).toContainEqual(expect.stringMatching(/^left (at home|behind): .*/));
  });
});

describe("r4ec", { timeout: 300_000 }, () => {
  test("contacts nobody and leaves nothing outside its folders, from the quickstart to scores", async () => {
    const folder = await scratchFolder();
    const runDir = join(folder, "run");
    const { env, under, seen } = await watchNetwork();
    const options = { env: { ...env, ORT_DISABLE_TELEMETRY: "0", CI: undefined }, under };
    const small = ["dataset.viewers=300", "train.seeds=[1]", "train.epochs=1"];
    const ended = await cli.run(
      [
        ...["run", "pipelines/quickstart.yaml", "--out", runDir],
        ...small.flatMap((setting) => ["--set", setting]),
      ],
      options,
    );
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^train /m) as unknown });

    const rows = join(folder, "rows.csv");
    await writeFile(rows, "user_id,item_id\n1,1\n2,2\n");
    const scored = await cli.run(["score", runDir, rows, "--out", join(folder, "s.csv")], options);
    expect(scored).toMatchObject({ code: 0 });
    expect(await seen()).toEqual([]);
  });
});
