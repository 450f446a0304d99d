import { alignedRows } from "../base/aligned-rows.ts";
import { join } from "node:path";
import { ingestStages } from "../base/stage-names.ts";
import { shellWord } from "../base/shell-word.ts";
import { errorText } from "../flow/outcomes.ts";
import {
  planPipeline,
  type PipelinePlan,
  type PlannedStage,
} from "../pipeline/plan/plan-pipeline.ts";
import { loadSettings } from "./load-settings.ts";
import { withRunAt } from "./place/with-run-at.ts";
import { printJson, printText } from "./terminal.ts";

export interface PlanOptions {
  readonly out?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** The model of a role that is played with one which is still to be trained elsewhere. */
const untrained = "finetuned";

type KnowledgeEstimate = Exclude<PipelinePlan["knowledge"], "unknown" | null>;
type Between = KnowledgeEstimate["total"]["calls"];

/** Prints what a run would do, and what its model calls would cost. Runs nothing, writes nothing. */
export async function planCommand(file: string, options: PlanOptions): Promise<void> {
  const settings = await loadSettings(file, options.set);
  const place = options.out ?? join("runs", settings.name);
  const plan = await withRunAt(place, { files: "all" }, ({ runDir }) =>
    planPipeline(settings, runDir),
  );
  if (options.json === true) {
    printJson(plan);
    return;
  }
  printText(
    `${plan.name} (${plan.protocol})  ${place}\n${stageTable(plan)}\n\n${trialsText(plan)}${stopsText(plan)}${teacherText(plan)}${tuningText(plan)}${elsewhereText(plan)}${knowledgeText(plan, runCommandOf(file, options))}\n${encoderText(plan)}${jobsText(plan)}${unreadText(plan, file)}`,
  );
}

function stageTable({ stages }: PipelinePlan): string {
  const waits = stages.find(({ tasks }) => tasks === null)?.stage;
  const before = stages[stages.findIndex(({ stage }) => stage === waits) - 1]?.stage;
  const rows = stages.map((stage) => [
    stage.stage,
    { done: "done", partial: "continues", missing: "would run" }[stage.state],
    workOf(stage),
    [rowsOf(stage), againOf(stage)].filter((text) => text !== "").join(", "),
  ]);
  const after =
    before === undefined ? [] : [`tasks of later stages are known once ${before} is done`];
  return [alignedRows(rows), ...after].join("\n");
}

/** Empty where nothing is tried. */
function trialsText({
  training: { models, backbones, variants, trials, seeds },
}: PipelinePlan): string {
  if (trials === 1) return "";
  const isEqual = models === backbones * variants * trials * seeds;
  const factors = [
    [backbones, "backbone"],
    [variants, "variant"],
    [trials, "trial"],
    [seeds, "seed"],
  ] as const;
  const text = factors
    .map(([count, noun]) => {
      const most = noun === "trial" && !isEqual ? "up to " : "";
      return `${most}${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
    })
    .join(" x ");
  return `${whole(models)} models to train in all: ${text}\n\n`;
}

function stopsText({ stops }: PipelinePlan): string {
  if (stops.length === 0) return "";
  return `A run would stop because of:\n${stops.map((stop) => `  ${stop}\n`).join("")}\n`;
}

/** Plans look at what a run has read; whether the rest fits the settings only `describe` tells. */
function unreadText({ stages }: PipelinePlan, file: string): string {
  const reading = stages.filter(({ stage }) => ingestStages.some((name) => name === stage));
  if (reading.every(({ state }) => state === "done")) return "";
  const command = ["r4ec", "describe", file].map(shellWord).join(" ");
  return `\nThe data are not read yet: ${command} tells whether they fit the settings.\n`;
}

function workOf({ tasks, tasksDone }: PlannedStage): string {
  return tasks === null ? "" : `${whole(tasksDone)}/${whole(tasks)} tasks`;
}

function againOf({ errors }: PlannedStage): string {
  const text = errorText(errors);
  return text === "" ? "" : `asks again ${text}`;
}

function rowsOf({ tables }: PlannedStage): string {
  return Object.entries(tables)
    .map(([table, rows]) => `${table} ${whole(rows)}`)
    .join(", ");
}

/** The command that makes the contexts, quoted for a shell. */
function runCommandOf(file: string, { out, set }: PlanOptions): string {
  const options = [
    ...(out === undefined ? [] : ["--out", out]),
    ...set.flatMap((each) => ["--set", each]),
  ];
  return ["r4ec", "run", file, ...options, "--to", "contexts"].map(shellWord).join(" ");
}

function knowledgeText({ knowledge }: PipelinePlan, run: string): string {
  if (knowledge === null) return "No variant needs knowledge: no language model is asked.";
  if (knowledge === "unknown") {
    return (
      "The prompts depend on the contexts, which do not exist yet: " +
      `run ${run}, then plan again.`
    );
  }
  const asked = knowledge.sides.flatMap(({ roles }) => roles);
  const left = (["user", "item"] as const).map((subject) => {
    const own = knowledge.sides.filter((side) => side.subject === subject);
    return `${whole(Math.max(...own.map(({ subjects }) => subjects)))} ${subject}s`;
  });
  if (knowledge.sides.every(({ subjects }) => subjects === 0)) {
    return "Knowledge is complete: no language model is asked.";
  }
  if (asked.length === 0) {
    return `Knowledge about ${left.join(" and ")} is still to be written; no language model is asked.`;
  }
  return `Left to ask language models, about ${left.join(" and ")}:\n${callTable(knowledge)}\n${notes(knowledge)}`;
}

function teacherText({ construct }: PipelinePlan): string {
  if (construct === null || construct === "unknown") return ""; // knowledgeText says that it is unknown
  const [users = 0, items = 0] = construct.sides.map(({ subjects }) => subjects);
  if (users + items === 0) return "The teacher has answered everything.\n\n";
  return (
    `Left to ask the teacher, about ${whole(users)} users and ${whole(items)} items:\n` +
    `${callTable(construct)}\n${notes(construct)}\n\n`
  );
}

function tuningText({ finetune }: PipelinePlan): string {
  if (finetune === null) return "";
  if (finetune === "unknown") {
    return "What fine-tuning takes is known once the teacher has answered: run with --to construct, then plan again.\n\n";
  }
  if (finetune.length === 0) return "All adapters are trained.\n\n";
  const rows = finetune.map((one) => [
    `${one.subject} ${one.role}`,
    whole(one.trainRows),
    whole(one.validRows),
    whole(one.longRows),
    whole(one.tokens),
    `${(one.memoryBytes / 1024 ** 3).toFixed(1)} GB`,
    `${duration(one.seconds.least)} to ${duration(one.seconds.most)}`,
  ]);
  const refusals = finetune.flatMap(({ refusal }) => refusal ?? []);
  const stops = refusals.map((refusal) => `a run would stop: ${refusal}\n`).join("");
  const head = ["", "rows", "validation", "too long", "tokens", "memory", "time"];
  return (
    `Left to fine-tune:\n${alignedRows([head, ...rows])}\n` +
    "tokens are those of all epochs, by the base model's tokenizer; the run shows the actual speed after its first steps\n" +
    `${stops}\n`
  );
}

function elsewhereText({ elsewhere }: PipelinePlan): string {
  if (elsewhere === null) return "";
  const { trainer, base, adapters } = elsewhere;
  const rows = adapters.map(({ subject, role, given }) => [
    `${subject} ${role}`,
    given ?? "still to come",
  ]);
  const stops = adapters.some(({ given }) => given === null)
    ? "a run writes the folders to train those from once the teacher has answered, and stops until finetune.adapters names them\n"
    : "";
  return `Trained elsewhere (${trainer}), from ${base}:\n${alignedRows(rows)}\n${stops}\n`;
}

/** E.g. "40 s", "12 min" or "3.5 h". */
function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function encoderText({ encode }: PipelinePlan): string {
  if (encode === null || encode === "unknown") return ""; // knowledgeText says that it is unknown
  if (encode.every(({ texts }) => texts === 0)) return "\nAll texts are encoded.\n";
  const rows = encode.map(({ variant, model, texts, calls, promptTokens, costUsd }) => [
    variant,
    model,
    whole(texts),
    whole(calls),
    whole(promptTokens),
    costUsd === null ? "no price" : dollars(costUsd),
  ]);
  const unpriced = encode.filter(({ costUsd }) => costUsd === null).map(({ model }) => model);
  const methods = new Set(encode.map(({ tokens }) => tokens));
  const said = [
    ...new Set(unpriced.map((model) => `no price for ${model}: set knowledge.prices`)),
    ...(methods.has("assumed")
      ? ["texts not written yet are assumed: one per user and item, as long as the prompts ask for"]
      : []),
    ...(methods.has("exact") ? ["tokens are counted by encode.remote.tokenizer"] : []),
    ...(methods.has("estimated") ? ["tokens are estimated at 4 characters each"] : []),
    "cached vectors are not subtracted",
  ];
  const table = alignedRows([["", "encoder", "texts", "calls", "tokens", "cost"], ...rows]);
  return `\nLeft to ask encoders:\n${table}\n${said.join("\n")}\n`;
}

function jobsText({ jobs: plan }: PipelinePlan): string {
  if (plan === null) return "";
  const rows = plan.stages.map(({ stage, jobs, atOnce }) => [
    stage,
    jobs === null ? "as many as its tasks take" : `${whole(jobs)} ${jobs === 1 ? "job" : "jobs"}`,
    atOnce === null ? "all at a time" : `${whole(atOnce)} at a time`,
  ]);
  return (
    `\nJobs of runtime.executor.${plan.executor}:\n${alignedRows(rows)}\n` +
    "the limits of models, and knowledge.budget, hold for all jobs together\n"
  );
}

function callTable({ sides, total }: KnowledgeEstimate): string {
  const isOne = new Set(sides.map(({ variant }) => variant)).size === 1;
  const hasShared = sides.some(({ roles }) => roles.some(({ shared }) => shared.most > 0));
  const sharedCell = (cell: string): readonly string[] => (hasShared ? [cell] : []);
  const rows = sides.flatMap(({ variant, subject, roles }) =>
    roles.map(
      ({ role, provider, model, calls, shared, promptTokens, completionTokens, costUsd }) => [
        isOne ? `${subject}s` : `${variant ?? ""} ${subject}s`,
        role,
        `${provider} ${model}`,
        range(calls, whole),
        ...sharedCell(range(shared, whole)),
        range(promptTokens, whole),
        range(completionTokens, whole),
        costUsd === null ? "no price" : range(costUsd, dollars),
      ],
    ),
  );
  const { calls, promptTokens, completionTokens, costUsd } = total;
  return alignedRows([
    ["", "", "", "calls", ...sharedCell("shared"), "prompt tokens", "completion tokens", "cost"],
    ...rows,
    [
      "total",
      "",
      "",
      range(calls, whole),
      ...sharedCell(""),
      range(promptTokens, whole),
      range(completionTokens, whole),
      costUsd === null ? "unknown" : range(costUsd, dollars),
    ],
  ]);
}

function notes({ sides, unpriced, assumedWords }: KnowledgeEstimate): string {
  const roles = sides.flatMap((side) => side.roles);
  const sampled = sides
    .filter((side) => side.roles.length > 0)
    .map(({ subject, sampled: some }) => `${whole(some)} ${subject}s`);
  const isShared = roles.some(({ shared }) => shared.most > 0);
  const isExact = roles.every(({ tokens }) => tokens === "exact");
  const isEstimated = roles.every(({ tokens }) => tokens === "estimated");
  return [
    ...(isShared
      ? ["shared: prompts that a variant above asks as well; they are asked once and counted there"]
      : []),
    ...unpriced.map((model) =>
      model === untrained
        ? "models that are still to be trained elsewhere have no price: finetune.adapters names them, and knowledge.prices is by that name"
        : `no price for ${model}: set knowledge.prices`,
    ),
    "lower bound: every text is judged reasonable at once; upper bound: every text is judged unreasonable; retries are not included",
    `prompts are those of ${[...new Set(sampled)].join(" and ")}, scaled up; answers are assumed to have ${whole(assumedWords)} words`,
    isExact
      ? "tokens are counted by the models' tokenizers"
      : isEstimated
        ? "tokens are estimated at 4 characters each; to count them, set the role's tokenizer to the model's tokenizer.json"
        : "tokens are counted where the role has a tokenizer, otherwise estimated at 4 characters each",
    "cache hits and prompt-cache discounts are not subtracted",
  ].join("\n");
}

function range({ least, most }: Between, print: (amount: number) => string): string {
  const [from, to] = [print(least), print(most)];
  return from === to ? from : `${from} to ${to}`;
}

function whole(amount: number): string {
  return amount.toLocaleString("en");
}

function dollars(amount: number): string {
  const digits = amount === 0 || amount >= 1 ? 2 : 4;
  return `$${amount.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
