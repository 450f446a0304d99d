/**
 * @file Runs a pipeline from a program and prints the lift of knowledge over Base.
 *
 * Arguments override settings, as `--set` of the command line does:
 * `npx tsx examples/run-pipeline.ts dataset.viewers=500 train.seeds=[1,2,3]`
 */
import { resolve } from "node:path";
import { parsePipeline, runPipeline } from "r4ec";

const pipeline = `
name: example
dataset: { source: quickstart, viewers: 200 } # real films, simulated viewers
train: { backbones: [dcn], variants: [base, r4ec], seeds: [1], epochs: 2 }
`;

const settings = parsePipeline(pipeline, "example", process.argv.slice(2));

const interruption = new AbortController();
process.once("SIGINT", () => {
  interruption.abort(); // finished work is kept: the next run continues from there
});

const results = await runPipeline({
  settings,
  runDir: resolve("runs", settings.name),
  signal: interruption.signal,
  onEvent: (event) => {
    if (event.kind === "stage-finished") {
      console.error(`${event.stage}: ${event.seconds.toFixed(1)} s`);
    }
  },
});

for (const { backbone, variant, baseline, aucLift } of results?.comparisons ?? []) {
  console.log(`${backbone}: ${variant} over ${baseline}: AUC ${aucLift.toFixed(4)}`);
}
