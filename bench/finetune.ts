/**
 * @file Tokens per second of fine-tuning with LoRA, compared with the least time of its matrix products and with PyTorch, transformers
 * and PEFT.
 *
 * A step is forward, backward and AdamW on one row of 704 tokens, of which the last 303 are learned, with random weights. Both sides
 * alternate; values are of the best round, the ratio is the median over the rounds.
 *
 * Needs a python3 with torch, transformers and peft for the peer, and says so where they are absent.
 * Run: `npx tsx bench/finetune.ts [--json] [--shape qwen2.5-0.5b|smollm2-135m] [--tokens 704] [--learned 303] [--dropout 0]
 * [--threads 2] [--rounds 3] [--python FILE] [--peer-head learned|all] [--peer-checkpointing]`
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { linearNames, type DecoderConfig } from "../src/finetune/decoder/decoder-config.ts";
import { createDecoderEngine } from "../src/finetune/loop/decoder-engine.ts";
import { createAdam } from "../src/optim/adam.ts";
import { clipGradients } from "../src/optim/gradients.ts";
import {
  decoderShapes,
  operationsOf,
  productsOf,
  randomBase,
  randomRow,
} from "./finetune-shapes.ts";
import { hasPeft, startPeftPeer, type PeftHead } from "./peft-peer.ts";
import { productSeconds } from "./product-ceiling.ts";
import { lineText, median, printJson, rounded, type ResultLine } from "./result-line.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    shape: { type: "string", default: "qwen2.5-0.5b" },
    tokens: { type: "string", default: "704" },
    learned: { type: "string", default: "303" },
    dropout: { type: "string", default: "0" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
    python: { type: "string", default: "python3" },
    "peer-head": { type: "string", default: "learned" },
    "peer-checkpointing": { type: "boolean", default: false },
  },
});
const shape = z.enum(["qwen2.5-0.5b", "smollm2-135m"]).parse(flags.shape);
const head: PeftHead = z.enum(["learned", "all"]).parse(flags["peer-head"]);
const config: DecoderConfig = decoderShapes[shape];
const [tokens, learned, dropout, threads, rounds] = [
  Number(flags.tokens),
  Number(flags.learned),
  Number(flags.dropout),
  Number(flags.threads),
  Number(flags.rounds),
];
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const products = productsOf(config, tokens, learned);
const engine = await createDecoderEngine({
  base: randomBase(config),
  lora: { rank: 8, alpha: 16, dropout, targets: linearNames },
  ...{ seed: 1, threads, tokens },
});
const { arena } = engine.parameters;
const adam = createAdam(arena);
const row = randomRow(config, tokens, learned);
let steps = 0;
const ourSeconds = async (): Promise<number> => {
  const start = performance.now();
  await engine.train(row, 1 / learned, String(++steps));
  clipGradients(arena, 1);
  adam.update(1e-4);
  return (performance.now() - start) / 1000;
};

const peer =
  config.architecture === "qwen2" && hasPeft(flags.python)
    ? await startPeftPeer({
        ...{ python: flags.python, config, threads, tokens, learned, head },
        checkpointing: flags["peer-checkpointing"],
      })
    : null;
if (peer === null)
  say("no peer: needs the shape qwen2.5-0.5b and a python3 with torch, transformers and peft");
await ourSeconds();
await peer?.step();
const ours: number[] = [];
const theirs: number[] = [];
let peerRssMb = 0;
for (let round = 0; round < rounds; round++) {
  ours.push(await ourSeconds());
  if (peer) {
    const { seconds, peakRssMb } = await peer.step();
    theirs.push(seconds);
    peerRssMb = peakRssMb;
  }
}
const peakRssMb = rounded(process.resourceUsage().maxRSS / 1024);
const ceiling = await productSeconds(products, threads, 5);
peer?.close();
await engine.close();

const best = Math.min(...ours);
const perSecond = (seconds: number): number => rounded(tokens / seconds);
const lines: ResultLine[] = [
  {
    ...{ bench: "finetune", case: `${shape}, products`, value: perSecond(best), unit: "tokens/s" },
    baseline: `the limit of its products, ${rounded(operationsOf(products) / ceiling / 1e9)} GFLOP/s`,
    ...{ baselineValue: perSecond(ceiling), ratio: rounded(ceiling / best), peakRssMb },
  },
];
if (peer) {
  say(
    `${peer.name}: ${rounded(peer.gflops)} GFLOP/s, peak ${peerRssMb} MiB, ${peer.importedRssMb} MiB of it for the packages`,
  );
  lines.push({
    ...{ bench: "finetune", case: `${shape}, PEFT`, value: perSecond(best), unit: "tokens/s" },
    ...{ baseline: peer.name, baselineValue: perSecond(Math.min(...theirs)), peakRssMb },
    ratio: rounded(median(theirs.map((seconds, round) => seconds / (ours[round] ?? NaN)))),
  });
}
if (flags.json) printJson(lines);
else for (const line of lines) console.log(`${lineText(line)}, peak ${line.peakRssMb ?? 0} MiB`);
