/**
 * @file A whole fine-tuning with a real model: losses by epoch, tokens per second, peak memory, and the share of the limit that the matrix
 * products of its own rows set.
 *
 * `r4ec finetune` runs as a process of its own. Every `--every` seconds it is stopped (SIGSTOP) while the products of its mean row are
 * timed on the same cores, so that both see the same machine; their least time over all stops is the limit. An epoch's time without
 * validation is its seconds less those of the validation before the first epoch, and less the stops.
 *
 * Needs `npm run build`. Run: `npx tsx bench/finetune-file.ts ROWS.jsonl --base FILE.gguf --out DIR [--every 300] [--epochs 3]
 * [--threads 2] [--json]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { openBaseModel } from "../src/finetune/base/open-base-model.ts";
import { encodeRows } from "../src/finetune/data/encode-rows.ts";
import { readChats } from "../src/finetune/data/read-chats.ts";
import { batchesOf } from "../src/finetune/loop/training-batches.ts";
import { operationsOf, productsOf } from "./finetune-shapes.ts";
import { productSeconds } from "./product-ceiling.ts";
import { lineText, printJson, rounded, type ResultLine } from "./result-line.ts";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    base: { type: "string" },
    out: { type: "string" },
    every: { type: "string", default: "300" },
    epochs: { type: "string", default: "3" },
    threads: { type: "string", default: "2" },
  },
});
const [file] = positionals;
const { base, out } = flags;
if (file === undefined || base === undefined || out === undefined) {
  throw new Error("needs ROWS.jsonl, --base and --out");
}
const [seed, valid, batchSize, maxTokens] = [1, 0.1, 16, 2048];
const [every, threads] = [Number(flags.every), Number(flags.threads)];
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const model = await openBaseModel(resolve(base));
const chats = await readChats(resolve(file), { valid, seed });
const never = new AbortController().signal;
const encoded = await encodeRows(chats.rows, model.tokenizer, maxTokens, never);
await model.weights.close();
const batches = [...batchesOf(encoded.train, { batchSize, seed, epoch: 1 })];
const rows = batches.reduce((sum, batch) => sum + batch.rows.length, 0);
const mean = (of: "tokens" | "targets"): number =>
  Math.round(batches.reduce((sum, batch) => sum + batch[of], 0) / rows);
const tokens = mean("tokens");
const products = productsOf(model.config, tokens, mean("targets"));
say(`${rows} rows of ${tokens} tokens, ${mean("targets")} of them learned, in the mean`);

const child = spawn(
  process.execPath,
  [
    ...["bin/r4ec.js", "finetune", file, "--base", base, "--out", out],
    ...["--epochs", flags.epochs, "--threads", flags.threads, "--seed", String(seed)],
    ...["--valid", String(valid), "--batch-size", String(batchSize)],
    ...["--max-tokens", String(maxTokens)],
  ],
  { stdio: ["ignore", "inherit", "inherit"] },
);
const ended = once(child, "exit");
let [limit, paused, peakRssMb] = [Infinity, 0, 0];
const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
const look = async (): Promise<void> => {
  const status = await readFile(`/proc/${String(child.pid)}/status`, "utf8").catch(() => "");
  const [, kib] = /VmHWM:\s+(\d+)/.exec(status) ?? [];
  peakRssMb = Math.max(peakRssMb, Math.round(Number(kib ?? 0) / 1024));
};
for (let since = performance.now(); isRunning();) {
  await Promise.race([ended, wait(1000)]);
  await look();
  if (!isRunning() || performance.now() - since < every * 1000) continue;
  const start = performance.now();
  child.kill("SIGSTOP");
  limit = Math.min(limit, await productSeconds(products, threads, 5));
  child.kill("SIGCONT");
  since = performance.now();
  paused += (since - start) / 1000;
}
await ended;
if (child.exitCode !== 0) throw new Error(`r4ec finetune ended with ${String(child.exitCode)}`);

const { epochs } = z
  .object({
    epochs: z.array(
      z.object({
        trainLoss: z.number().nullable(),
        validLoss: z.number(),
        tokens: z.number(),
        seconds: z.number(),
      }),
    ),
  })
  .parse(JSON.parse(await readFile(join(out, "finetune.json"), "utf8")));
for (const [epoch, { trainLoss, validLoss }] of epochs.entries()) {
  say(`epoch ${epoch}: training loss ${trainLoss ?? "-"}, validation loss ${validLoss}`);
}
const [before, ...trained] = epochs;
const seconds =
  trained.reduce((sum, epoch) => sum + epoch.seconds - (before?.seconds ?? 0), 0) - paused;
const trainedTokens = trained.reduce((sum, epoch) => sum + epoch.tokens, 0);
const line: ResultLine = {
  ...{ bench: "finetune-file", case: `${trainedTokens} tokens`, unit: "tokens/s", peakRssMb },
  value: rounded(trainedTokens / seconds),
  baseline: `the limit of its products, ${rounded(operationsOf(products) / limit / 1e9)} GFLOP/s`,
  baselineValue: rounded(tokens / limit),
  ratio: rounded(trainedTokens / seconds / (tokens / limit)),
};
if (flags.json) printJson([line]);
else console.log(`${lineText(line)}, peak ${peakRssMb} MiB, stopped for ${rounded(paused)} s`);
