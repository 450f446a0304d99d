import { spawn } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { exportFormats } from "../../../src/finetune/export/export-formats.ts";
import { exportLessons } from "../../../src/finetune/export/export-lessons.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";
import { makeLessons, sampleLessons } from "./sample-lessons.ts";

const memory = useMemoryDatabase();

interface Asked {
  readonly path: string;
  readonly key: string;
  readonly body: string;
}

/** A service that takes files and jobs, or refuses everything. */
async function startService(isOpen: boolean): Promise<{ url: string; asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage): Promise<object> => {
    const path = request.url ?? "";
    const body = await text(request);
    asked.push({ path, key: request.headers.authorization ?? "", body });
    return path === "/v1/files"
      ? { id: `file-${asked.length}` }
      : { id: "job-1", status: "validating_files" };
  };
  const server = createServer((request, response) => {
    void answer(request).then((made) => {
      response.statusCode = isOpen ? 200 : 401;
      response.end(JSON.stringify(isOpen ? made : { error: "no such key" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { url: `http://127.0.0.1:${port}/v1`, asked };
}

/** Starts the program of a folder as its README says. */
async function start(
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; said: string }> {
  await makeLessons(memory.db, sampleLessons);
  const outDir = join(memory.dir, "sft");
  const format = exportFormats.openai;
  const usual = { format, outDir, run: "ml", maxTokens: 2048, isReasonOnly: false };
  await exportLessons(memory.db, usual);
  const child = spawn(process.execPath, ["start.mjs"], {
    cwd: join(outDir, name),
    env: { PATH: process.env["PATH"], ...env },
  });
  const code = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, said: out + err };
}

test("start.mjs uploads both files and creates the job with them", async () => {
  const { url, asked } = await startService(true);
  const { code, said } = await start("user-actor", { OPENAI_API_KEY: "k", OPENAI_BASE_URL: url });
  expect(said).toContain("job job-1, validating_files");
  expect(code).toBe(0);
  expect(asked.map(({ path, key }) => [path, key])).toEqual([
    ["/v1/files", "Bearer k"],
    ["/v1/files", "Bearer k"],
    ["/v1/fine_tuning/jobs", "Bearer k"],
  ]);
  expect(asked[0]?.body).toContain("fine-tune");
  expect(asked[0]?.body).toContain('filename="train.jsonl"');
  expect(asked[0]?.body).toContain('"content":"refine 1"');
  expect(asked[1]?.body).toContain('filename="validation.jsonl"');
  expect(JSON.parse(asked[2]?.body ?? "")).toEqual({
    model: "gpt-4o-mini-2024-07-18",
    suffix: "r4ec-user-actor",
    seed: 1,
    training_file: "file-1",
    validation_file: "file-2",
    method: {
      type: "supervised",
      supervised: { hyperparameters: { n_epochs: 3, batch_size: 16 } },
    },
  });
});

test("without validation rows, the job has none", async () => {
  const { url, asked } = await startService(true);
  await start("item-actor", { OPENAI_API_KEY: "k", OPENAI_BASE_URL: url });
  expect(asked.map(({ path }) => path)).toEqual(["/v1/files", "/v1/fine_tuning/jobs"]);
  expect(JSON.parse(asked[1]?.body ?? "")).not.toHaveProperty("validation_file");
});

test("a refusal of the service and a missing key end it with a word on why", async () => {
  const { url } = await startService(false);
  const refused = await start("user-actor", { OPENAI_API_KEY: "k", OPENAI_BASE_URL: url });
  expect(refused.code).toBe(1);
  expect(refused.said).toContain('/files: the service answered 401: {"error":"no such key"}');
});

test("without a key it asks nothing", async () => {
  const { url, asked } = await startService(true);
  const { code, said } = await start("user-actor", { OPENAI_BASE_URL: url });
  expect(code).toBe(1);
  expect(said).toContain("Set OPENAI_API_KEY");
  expect(asked).toEqual([]);
});
