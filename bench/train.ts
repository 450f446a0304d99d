/**
 * @file Training steps per second of the default engine, compared with PyTorch on the same models and sizes.
 *
 * A step is forward, backward and AdamW on 256 rows of MovieLens-1M's sizes, embeddings of 32, histories of 5 and of 10, two
 * knowledge vectors of 1,024 numbers per row through the HEA connector. `model`: batches are prepared beforehand. `loader`: 737,358 rows are shuffled
 * and batches gathered from them, here by the batcher, in PyTorch by a Dataset and a DataLoader with its default collate. Both sides
 * alternate, so that a busy machine slows both alike; the ratio is the median over the rounds.
 *
 * First, both take the same steps from the same parameters: a difference in loss stops the run.
 *
 * Needs python3 with PyTorch, and says so where it is absent; the baseline is then the same step with AdamW in TypeScript.
 * Run: `npx tsx bench/train.ts [--json] [--backbones dcn,dien] [--histories 5,10] [--threads 2] [--rounds 7] [--seconds 0.6]
 * [--python FILE]`
 */
import { parseArgs } from "node:util";
import type { BackboneName } from "../src/models/backbones.ts";
import { createOnnxEngine } from "../src/train/engine/onnx-engine.ts";
import type { Batch, Engine } from "../src/train/engine/engine.ts";
import { findPython } from "./python-peer.ts";
import { startTorchPeer, type Mode, type TorchPeer } from "./torch-peer.ts";
import { movielensShape, repeatedBatches, shuffledBatches } from "./train-cases.ts";
import { plainAdamExtraSeconds } from "./plain-adam.ts";
import {
  lineText,
  median,
  medianRatio,
  printJson,
  rounded,
  type ResultLine,
} from "./result-line.ts";

/** The backbones that the peer also has. */
const backbones = ["dien", "gru4rec", "autoint", "fignn", "dcn", "deepfm"] as const;

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    backbones: { type: "string", default: backbones.join(",") },
    histories: { type: "string", default: "5,10" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "0.6" },
    python: { type: "string" },
  },
});
const threads = Number(flags.threads);
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const modes: readonly Mode[] = ["model", "loader"];
const checkedSteps = 5;
/** Largest difference of the two sides' losses, nats. */
const lossTolerance = 3e-5;
/** Below this, PyTorch uses a slow BLAS that nobody trains with. */
const slowGflops = 15;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const python = findPython(
  flags.python === undefined ? ["python3", "/usr/bin/python3"] : [flags.python],
  ["torch"],
);
if (python === undefined) {
  say("No python3 with PyTorch here: the baseline is the same step with AdamW in TypeScript.");
}
const lines: ResultLine[] = [];
for (const history of flags.histories.split(",").map(Number)) {
  for (const backbone of flags.backbones.split(",")) {
    if (!isMeasured(backbone)) throw new Error(`--backbones: there is no "${backbone}"`);
    for (const line of await measureCase(backbone, history)) {
      say(lineText(line));
      lines.push(line);
    }
  }
}
if (flags.json) printJson(lines);
else {
  const table = lines.map(({ case: name, value, baselineValue, ratio }) => ({
    case: name,
    "steps/s": value,
    baseline: baselineValue,
    ratio,
  }));
  console.table(table);
}

function isMeasured(name: string): name is (typeof backbones)[number] {
  return backbones.some((backbone) => backbone === name);
}

/** Both modes of one model, alternating between the sides. */
async function measureCase(
  backbone: BackboneName,
  history: number,
): Promise<readonly ResultLine[]> {
  const shape = movielensShape(history);
  const engine = await createOnnxEngine({ backbone, connector: "hea", shape, seed: 1, threads });
  const peer =
    python === undefined ? undefined : await startTorchPeer({ python, backbone, shape, threads });
  try {
    const loaded = shuffledBatches(shape);
    const sources = { loader: loaded, model: repeatedBatches(loaded, 8) };
    await checkEqual(engine, (await sources.model.next()).value, peer);
    const plainExtra = peer === undefined ? plainAdamExtraSeconds(engine.parameterCount) : 0;
    const ours = modes.map((): number[] => []);
    const theirs = modes.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [index, mode] of modes.entries()) {
        const rate = await stepsASecond(engine, sources[mode]);
        ours[index]?.push(rate);
        const peerRate = await peer?.measure(mode, seconds);
        theirs[index]?.push(peerRate ?? 1 / (1 / rate + plainExtra));
      }
    }
    return modes.map((mode, index) => ({
      bench: "train",
      case: `${backbone}, history ${history}, ${mode}`,
      value: rounded(median(ours[index] ?? [])),
      unit: "steps/s",
      baseline: peer === undefined ? "AdamW in TypeScript" : `PyTorch ${peer.version}`,
      baselineValue: rounded(median(theirs[index] ?? [])),
      ratio: rounded(medianRatio(ours[index] ?? [], theirs[index] ?? [])),
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    }));
  } finally {
    peer?.close();
    await engine.close();
  }
}

async function stepsASecond(
  engine: Engine,
  batches: AsyncGenerator<Batch, never>,
): Promise<number> {
  for (let step = 0; step < 3; step++) await engine.step((await batches.next()).value, 1e-3);
  const started = performance.now();
  for (let steps = 1; ; steps++) {
    await engine.step((await batches.next()).value, 1e-3);
    const elapsed = (performance.now() - started) / 1000;
    if (elapsed >= seconds) return steps / elapsed;
  }
}

/** Stops unless both sides have equally many parameters and, from the same start, the same losses over the first steps. */
async function checkEqual(
  engine: Engine,
  batch: Batch,
  peer: TorchPeer | undefined,
): Promise<void> {
  if (peer === undefined) return;
  if (peer.parameters !== engine.parameterCount) {
    throw new Error(`${engine.parameterCount} parameters, PyTorch has ${peer.parameters}`);
  }
  for (const [step, theirs] of (await peer.losses(engine, batch, checkedSteps)).entries()) {
    const ours = await engine.step(batch, 1e-3);
    if (!(Math.abs(ours - theirs) <= lossTolerance)) {
      throw new Error(`step ${step}: loss ${ours}, PyTorch computes ${theirs}`);
    }
  }
  if (peer.gflops < slowGflops) {
    say(
      `PyTorch multiplies matrices at ${rounded(peer.gflops)} GFLOPS only: ratios would flatter. ` +
        "Debian's package takes the BLAS that is installed: apt-get install libopenblas0",
    );
  }
}
