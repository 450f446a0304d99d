/** @file The paper's pipelines against a scripted server at one address, on a made-up log, to their table or figure. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/sha256.ts";
import { printJudgement } from "../../src/knowledge/chat/print-answer.ts";
import { startChatServer, type ChatBody, type ChatServer } from "../util/chat-server.ts";
import { readQuestion } from "../util/scripted-model.ts";
import { buildCli, type BuiltCli, type CliResult } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;
let server: ChatServer;
const asked = new Set<string>();

/** A text of its own for every prompt; what was refined is reasonable. */
function answer(body: ChatBody): string {
  asked.add(body.model);
  const { task, text } = readQuestion(body);
  const own = sha256(JSON.stringify(body)).slice(0, 12);
  if (task === "refine") return `Refined text ${own}.`;
  if (task !== "reflect") return `First text ${own}.`;
  return printJudgement(
    text.startsWith("Refined")
      ? { judgement: "reasonable", reflection: null }
      : { judgement: "unreasonable", reflection: "Too vague." },
    "tags",
  );
}

/** Runs a pipeline of the paper as its header says, small: only data, encoder and length are others. */
function start(name: string, ...more: readonly string[]): Promise<CliResult> {
  asked.clear();
  const sets = [
    `knowledge.actor.baseUrl=${server.url}`,
    `dataset={ source: movielens, path: ${join(folder, "ml")} }`,
    ...["encode.encoder=bundled", "train.grid={}", "train.epochs=1", "expect={}"],
    ...["compare.resamples=10", "runtime={ threads: 2, memoryLimit: 512MB }", ...more],
  ];
  const file = join("pipelines", "paper", `${name}.yaml`);
  const given = sets.flatMap((set) => ["--set", set]);
  return cli.run(["run", file, "--out", join(folder, name), ...given]);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-paper-"));
  await writeTinyPipeline(folder);
  cli = await buildCli();
  server = await startChatServer({ answer, keepCalls: false });
}, 300_000);

afterAll(async () => {
  await server.close();
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

describe("a pipeline of the paper", { timeout: 300_000 }, () => {
  test("asks the models of its table and ends with it, ours beside the paper's rows", async () => {
    const ended = await start("table2-ml-1m", "train.backbones=[autoint, dcn]");
    expect(ended).toMatchObject({ code: 0 });
    expect(asked).toEqual(new Set(["gpt-3.5-turbo", "Qwen/Qwen2.5-7B-Instruct"]));
    const text = ended.stdout.replace(/ +/g, " ");
    const score = String.raw`0\.\d{4}`;
    for (const row of [
      `Base 0.7736 ${score} base`,
      `KAR, GPT-3.5 0.7949 ${score} kar, gpt-3.5-turbo`,
      `R2ec, Qwen2.5-7B 0.7952 ${score} r2ec, Qwen/Qwen2.5-7B-Instruct`,
      `R4ec, Qwen2.5-7B 0.8008 ${score} r4ec, Qwen/Qwen2.5-7B-Instruct`,
    ]) {
      expect(text).toMatch(new RegExp(row));
    }
    expect(text).toContain("These are not the paper's data");
    const page = await readFile(join(folder, "table2-ml-1m", "report", "index.html"), "utf8");
    expect(page).toContain("The paper’s Table 2, MovieLens-1M: backbones and methods");
  });

  test("draws its figure: one pass, three filtered texts, one round", async () => {
    const ended = await start("fig6-strategies", "train.backbones=[autoint]", "train.seeds=[1, 2]");
    expect(ended).toMatchObject({ code: 0 });
    for (const place of ["one pass", "Filter, N = 3", "Iter, T = 1"]) {
      expect(ended.stdout).toMatch(
        new RegExp(`${place} +0\\.\\d{4} ± 0\\.\\d{4} .* Qwen/Qwen2.5-7B-Instruct`),
      );
    }
    const page = await readFile(join(folder, "fig6-strategies", "report", "index.html"), "utf8");
    expect(page).toContain("AutoInt: AUC, by strategy");
  });
});
