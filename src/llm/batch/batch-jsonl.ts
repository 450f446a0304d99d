import { createReadStream } from "node:fs";
import { rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import type { AnswerCache } from "../chat.ts";
import type { Budget } from "../settings.ts";
import { requestsSuffix, type BatchLedger } from "./batch-ledger.ts";
import type { BatchProgress } from "./batch-progress.ts";
import { namesIn } from "../../base/files/durable-file.ts";
import { importAnswers, type ImportContext, type ImportCounts } from "./import-answers.ts";
import type { QueueEntry } from "./read-queue.ts";
import { affordableRequests } from "./affordable-requests.ts";
import { writeRequestFiles, type FileLimits } from "./write-request-files.ts";

const answersSuffix = ".answers.jsonl";

/**
 * Imports every file of answers in the folder: all `*.jsonl` except our own requests. A file is renamed to `*.imported`, and the requests
 * it answers are settled, once all of these have come: until then someone may still be writing to it, and it is read again next time.
 *
 * @returns Number of new answers
 * @throws FlowError `INPUT_INVALID` naming the lines that are not answers, after importing all others;
 *   `PROVIDER_FAILED` when requests were refused for a reason that concerns all
 */
export async function importAnswerFiles(
  batchDir: string,
  context: ImportContext,
  onProgress: (progress: BatchProgress) => void,
): Promise<number> {
  const { ledger, cache } = context;
  const isAnswered = async (key: string): Promise<boolean> => (await cache.get(key)) !== null;
  const read: { readonly path: string; readonly counts: ImportCounts }[] = [];
  let answered = 0;
  let failure: FlowError | null = null;
  for (const name of await namesIn(batchDir)) {
    if (!name.endsWith(".jsonl") || name.endsWith(requestsSuffix)) continue;
    const path = join(batchDir, name);
    const file = name.endsWith(answersSuffix) ? name.slice(0, -answersSuffix.length) : null;
    const counts = await importAnswers(createReadStream(path), file, context);
    answered += counts.answered;
    onProgress({ kind: "imported", from: path, counts });
    if (counts.malformed === 0) {
      read.push({ path, counts });
      continue;
    }
    failure ??= new FlowError(
      "INPUT_INVALID",
      `${path}: ${counts.malformed} lines are no answers (${counts.firstMalformed.join("; ")}). The others are kept: ` +
        "fix or delete these lines, and run again.",
    );
  }
  for (const { path, counts } of read) {
    const whole: string[] = [];
    for (const name of counts.files) if (await ledger.isWhole(name, isAnswered)) whole.push(name);
    if (counts.isTorn || whole.length < counts.files.size) continue;
    for (const name of whole) await ledger.close(name, "keep");
    await rename(path, await unusedName(path));
    if (counts.refused > 0) {
      failure ??= new FlowError(
        "PROVIDER_FAILED",
        `${path}: ${counts.refused} requests were refused (${counts.refusal ?? ""}). Serve the model under the name in the ` +
          "settings, or change the settings; run again to write them again.",
      );
    }
  }
  if (failure !== null) throw failure;
  return answered;
}

async function unusedName(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${path}.imported` : `${path}.${number}.imported`;
    const found = await stat(name).catch(() => null);
    if (found === null) return name;
  }
}

/**
 * Writes the requests that are in no open file yet, and says what to run.
 *
 * @param entries - Every request without an answer, by key; at least one
 * @throws FlowError `ANSWERS_PENDING`, always, but for `BUDGET_SPENT`
 */
export async function exportRequests(
  entries: readonly QueueEntry[],
  options: {
    readonly batchDir: string;
    readonly budget: Budget;
    readonly cache: AnswerCache;
    readonly ledger: BatchLedger;
    readonly limits: FileLimits;
    readonly signal: AbortSignal;
  },
  onProgress: (progress: BatchProgress) => void,
): Promise<never> {
  const { batchDir, budget, cache, ledger } = options;
  const pathOf = (name: string): string => join(batchDir, `${name}${requestsSuffix}`);
  const fresh = entries.filter(({ key }) => !ledger.isOpen(key));
  const open = entries.filter(({ key }) => ledger.isOpen(key));
  const affordable = affordableRequests(fresh, { budget, spent: cache.spent(), open });
  for (const { name, requests } of await writeRequestFiles(affordable, options)) {
    onProgress({ kind: "written", file: pathOf(name), requests });
  }
  const missing = new Map<string, number>();
  for (const { key } of entries) {
    const name = ledger.isOpen(key) ? ledger.get(key)?.file.name : undefined;
    if (name !== undefined) missing.set(name, (missing.get(name) ?? 0) + 1);
  }
  const waitingFiles = ledger
    .openFiles()
    .filter(({ name }) => missing.has(name))
    .map(({ name, model, requests }) => ({
      path: pathOf(name),
      answers: join(batchDir, `${name}${answersSuffix}`),
      model,
      requests,
      waiting: missing.get(name) ?? 0,
    }));
  const commands = waitingFiles
    .filter(({ waiting, requests }) => waiting === requests)
    .map(({ path, answers, model, requests }) => {
      const files = `-i ${shellWord(path)} -o ${shellWord(answers)}`;
      return `  vllm run-batch ${files} --model ${shellWord(model)}  # ${requests} requests`;
    });
  const partial = waitingFiles
    .filter(({ waiting, requests }) => waiting < requests)
    .map(({ path, requests, waiting }) => `  ${path}  # ${requests - waiting} of ${requests}`);
  throw new FlowError(
    "ANSWERS_PENDING",
    [
      `${open.length + affordable.length} requests wait for their answers, in ${waitingFiles.length} files.`,
      ...(commands.length === 0
        ? []
        : [
            "Run each, here or elsewhere,",
            ...commands,
            "or send it to any service that takes OpenAI batch files and put the output under the name after -o.",
          ]),
      ...(partial.length === 0
        ? []
        : [
            "Of these only a part of the answers has come:",
            ...partial,
            "Wait until their batches are done. If one is done and gives no more, remove its file of requests, and the rest is written anew.",
          ]),
      "Then run r4ec again: it continues from here. A requests file that is removed before its answers have come is written again.",
    ].join("\n"),
  );
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
