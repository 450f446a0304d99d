import type { Lesson, Student } from "./lessons.ts";
import { paperSettings, updatesOf } from "./paper-settings.ts";

/** What a trainer is told about one model. */
export interface ExportPlan {
  readonly student: Student;
  /** The model to start from. */
  readonly model: string;
  readonly trainRows: number;
  /** 0: there is no validation file. */
  readonly validRows: number;
  /** Tokens of a row at most. */
  readonly maxTokens: number;
}

/** A file to be written. */
export interface TextFile {
  /** In the model's folder. */
  readonly path: string;
  readonly text: string;
}

/** The files of a folder that hold rows. */
export const dataFiles = {
  train: "data/train.jsonl",
  valid: "data/validation.jsonl",
  /** Rows over the limit. */
  long: "over-limit.jsonl",
} as const;

/** A trainer elsewhere: how it wants rows, settings and to be started. */
export interface ExportFormat {
  readonly title: string;
  readonly defaultModel: string;
  /** What has to be there before, as commands. */
  readonly install: string;
  /** Starts the training, from the model's folder. */
  readonly command: string;
  /** A row as one line of JSON. */
  readonly row: (lesson: Lesson) => object;
  /** All files but those of the rows and the README. */
  readonly files: (plan: ExportPlan) => readonly TextFile[];
  /** What the training is told, as a phrase. */
  readonly settings: (plan: ExportPlan) => string;
  /** How the trained model is used in a pipeline file, as lines of Markdown. */
  readonly use: (plan: ExportPlan) => string;
  /** How the trained model gets the name that a server knows it by, as lines of Markdown. */
  readonly serving: (plan: ExportPlan) => string;
  /** That name, or what it looks like. */
  readonly servedAs: (student: Student) => string;
  /** What the trainer decides by itself, as lines of Markdown. */
  readonly caveats: string;
}

/** A row as a list of messages, of which the answer is the last. */
export function messagesRow({ prompt, answer }: Lesson): object {
  return { messages: [...prompt, answer] };
}

/** The settings of the paper, all of which a configuration of LoRA names. */
export function loraSettings({ maxTokens }: ExportPlan): string {
  const { rank, alpha, dropout, epochs, learningRate, warmup, batchSize } = paperSettings;
  return (
    `LoRA of rank ${String(rank)}, alpha ${String(alpha)} and dropout ${String(dropout)} on every linear layer, ${String(epochs)} epochs, ` +
    `learning rate ${String(learningRate)} on a cosine with a warm-up of ${String(warmup)} of the updates, batches of ${String(batchSize)} rows, ` +
    `${maxTokens.toLocaleString("en")} tokens a row`
  );
}

/** What a training comes to, as a comment of its configuration. */
export function trainingComment({ trainRows }: Pick<ExportPlan, "trainRows">): string {
  const { batchSize, rowsAtATime } = paperSettings;
  const apart = batchSize / rowsAtATime;
  return (
    `The training: ${String(updatesOf(trainRows).all)} updates of ${String(rowsAtATime)} x ${String(apart)} = ${String(batchSize)} rows on one GPU; ` +
    "divide gradient_accumulation_steps by the number of GPUs"
  );
}

/** How an adapter in the folder `adapter` is served. */
function adapterServing({ student, model }: ExportPlan): string {
  return `The adapter is written to \`adapter/\`. Serve it beside its base model:

\`\`\`sh
vllm serve ${model} --enable-lora --lora-modules ${student.name}=adapter
\`\`\``;
}

/** How a format whose training leaves an adapter in the folder `adapter` says how that is used. */
export const adapterUses = {
  use: adapterUse,
  serving: adapterServing,
  servedAs: ({ name }) => name,
} as const satisfies Pick<ExportFormat, "use" | "serving" | "servedAs">;

/** How an adapter in the folder `adapter` is served and asked. */
function adapterUse(plan: ExportPlan): string {
  const { name, role, subject } = plan.student;
  return `${adapterServing(plan)}

and name it in the pipeline file:

\`\`\`yaml
knowledge:
  ${subject}s:
    ${role}: { provider: openai, model: ${name}, baseUrl: http://127.0.0.1:8000/v1 }
\`\`\``;
}
