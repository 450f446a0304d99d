import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { forbidTelemetry } from "../base/no-telemetry.ts";
import { requireOpenFiles } from "../base/open-files.ts";
import { packageVersion } from "../base/package-version.ts";
import { faultKinds, type FaultKind } from "../base/retry-policy.ts";
import { answerFormats, defaultMaxRows } from "../inspect/sql/answer.ts";
import { stageNames } from "../pipeline/pipeline-stage.ts";
import { engineNames } from "../train/engine/devices.ts";
import type { DescribeOptions } from "./describe-command.ts";
import type { DoctorOptions } from "./doctor-command.ts";
import type { EncodeOptions } from "./encode-command.ts";
import { exitCodeOf, explainError } from "./exit-code.ts";
import { addModelCommands } from "./models/model-commands.ts";
import type { PlanOptions } from "./plan-command.ts";
import type { ProfileOptions } from "./profile-command.ts";
import { addResultCommands } from "./result-commands.ts";
import type { RunOptions } from "./run-command.ts";
import type { ScoreOptions } from "./score-command.ts";
import type { SqlOptions } from "./sql-command.ts";
import { requireCurrentFolder } from "./require-current-folder.ts";
import type { SynthOptions } from "./synth-command.ts";
import type { TaskOptions } from "./task-command.ts";
import { complain, outliveOutputs } from "./terminal.ts";

forbidTelemetry();

const program = new Command("r4ec")
  .description(
    "LLM knowledge for CTR models as a dataflow: interaction logs in, a measured lift out. " +
      "Every step is a Parquet table in the run folder; finished work is never repeated.",
  )
  .version(await packageVersion())
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    "after",
    `
Examples:
  r4ec run pipelines/quickstart.yaml
  r4ec run pipelines/movielens-1m.yaml --set dataset.path=data/ml-1m
  r4ec run pipelines/movielens-1m.yaml --set train.seeds=[1,2] --to samples
  r4ec sql runs/quickstart "select split, count(*) from samples group by split"

Exit codes: 0 done, 1 the run failed, 2 bad usage or configuration,
130 interrupted.`,
  );

const stage = (flags: string, about: string): Option =>
  new Option(flags, about).choices(stageNames);

const set = (example: string): Option =>
  new Option("--set <key=value>", `override a setting, e.g. ${example}; repeatable`)
    .argParser(collect)
    .default([], "none");

const safeForSpreadsheets = (): Option =>
  new Option(
    "--safe-for-spreadsheets",
    "in CSV, put an apostrophe before texts that a spreadsheet would run as formulas: those that begin with = + - @, a tab or a line " +
      "break, and are no numbers. This changes the data (default: texts are written as they are)",
  );

program
  .command("run")
  .summary("run the missing parts of a pipeline, resume interrupted ones")
  .description(
    "Runs the missing parts of a pipeline, then prints the results table and writes an HTML report. " +
      "Run it again after a crash, Ctrl-C or a changed setting: finished work is kept, and only what the change affects is redone.",
  )
  .argument(
    "<pipeline.yaml>",
    "pipeline file; see pipelines/ for examples and `r4ec schema` for every key",
  )
  .option("--out <dir>", "run folder, or s3://bucket/folder (default: runs/<name of the pipeline>)")
  .addOption(set("train.epochs=5"))
  .option(
    "--max-errors <n>",
    "fail when more prompts than this have no usable answer: 0.1, say, is a share of a stage's, 1 and above a number (knowledge.maxErrors; default: 0.05)",
  )
  .addOption(
    new Option("--engine <name>", "engine that trains the models (train.engine)").choices(
      engineNames,
    ),
  )
  .option("--threads <n>", "cores to use (runtime.threads; default: all of this machine)", threads)
  .addOption(stage("--from <stage>", "reuse the stages before this one as they are"))
  .addOption(stage("--to <stage>", "stop after this stage"))
  .option(
    "--retry <kinds>",
    "which prompts that got no usable answer, and texts that got no vector, in earlier runs are asked again, once: all, none, or some of " +
      `${faultKinds.join(", ")}, with commas between (default: all; where a role is asked by batch: none)`,
    retryKinds,
  )
  .option(
    "--repair",
    "check every file of the run, and redo what is damaged and what follows from it",
  )
  .option("--json", "print results.json to stdout instead of the table")
  .action(async (file: string, options: RunOptions) => {
    const { warmLocalExecutor } = await import("../flow/executors/local/local-executor.ts");
    const warm = warmLocalExecutor("dataset/ingest/ingest-task");
    try {
      await (await import("./run-command.ts")).runCommand(file, options, warm.create);
    } finally {
      await warm.close();
    }
  });

program
  .command("plan")
  .summary("what a run would do, and what its language model calls would cost")
  .description(
    "Shows for each stage what is done and what would run, and estimates the calls, tokens and cost of the missing knowledge " +
      "from the actual prompts. Runs nothing, writes nothing.",
  )
  .argument("<pipeline.yaml>", "pipeline file, as for run")
  .option("--out <dir>", "run folder, or s3://bucket/folder (default: runs/<name of the pipeline>)")
  .addOption(set("train.epochs=5"))
  .option("--json", "print JSON")
  .action(async (file: string, options: PlanOptions) =>
    (await import("./plan-command.ts")).planCommand(file, options),
  );

program
  .command("describe")
  .summary(
    "what a pipeline's source contains: columns, time range, and which rows would be left out and why",
  )
  .description(
    "Reads the source as `run` would and reports the files and their columns, how each column is read, missing values, " +
      "repeated events, the time range, the share of positives, and which rows would be left out and why. Writes nothing.",
  )
  .argument("<pipeline.yaml>", "pipeline file, as for run")
  .addOption(set("dataset.ids=dictionary"))
  .option("--json", "print JSON")
  .action(async (file: string, options: DescribeOptions) =>
    (await import("./describe-command.ts")).describeCommand(file, options),
  );

program
  .command("status")
  .summary("how far a run is, stage by stage")
  .argument("<run>", "run folder, or s3://bucket/folder")
  .option("--json", "print JSON")
  .action(async (run: string, options: { readonly json?: boolean }) =>
    (await import("./status-command.ts")).statusCommand(run, options),
  );

program
  .command("verify")
  .summary("check every file of a run against what was written")
  .description(
    "Reads every table and model of a run and compares size and content with what its tasks wrote. Names each file that is missing or " +
      "damaged, and the command that mends the run. Changes nothing.",
  )
  .argument("<run>", "run folder, or s3://bucket/folder")
  .option("--json", "print JSON")
  .action(async (run: string, options: { readonly json?: boolean }) =>
    (await import("./verify-command.ts")).verifyCommand(run, options),
  );

program
  .command("sql")
  .summary("read-only SQL over all tables of a run: a query, a saved query or a shell")
  .description(
    "Runs one read-only statement (SELECT, EXPLAIN, DESCRIBE, SHOW, SUMMARIZE) over the tables of a run. It can read only the run, " +
      "and change nothing. Without a query it opens a shell on a terminal, and otherwise runs the statements on standard input.",
  )
  .argument("<run>", "run folder, or s3://bucket/folder")
  .argument("[query]", "a statement; - reads statements from standard input")
  .option("--saved [name]", "run a saved query; without a name, list the saved queries")
  .addOption(
    new Option("--param <name=value>", "set a parameter of the saved query; repeatable")
      .argParser(collect)
      .default([], "none"),
  )
  .addOption(
    new Option(
      "--format <format>",
      "output format; parquet needs --output (default: table, or the extension of --output)",
    ).choices(answerFormats),
  )
  .option("--output <file>", "write all rows to a new file instead of showing some")
  .option(
    "--limit <rows>",
    `most rows to show (default: ${defaultMaxRows.toLocaleString("en-US")})`,
  )
  .addOption(new Option("--all", "show all rows").conflicts("limit"))
  .addOption(safeForSpreadsheets())
  .addHelpText(
    "after",
    `
Examples:
  r4ec sql runs/quickstart "select split, avg(label) from samples group by all"
  r4ec sql runs/quickstart --saved item_popularity
  r4ec sql runs/quickstart --saved label_rate_over_time --param spans=12
  r4ec sql runs/quickstart "from samples where label = 1" --output liked.parquet

Tables hold ids as numbers. source_user_id(user_id) and
source_item_id(item_id) give the ids of the source, source_item_ids(list) those
of a list; run_user_id('id') and run_item_id('id') give the numbers. Saved
queries take and show the ids of the source.`,
  )
  .action(async (run: string, query: string | undefined, options: SqlOptions) =>
    (await import("./sql-command.ts")).sqlCommand(run, query, options),
  );

program
  .command("profile")
  .summary("one HTML page about a run's dataset: counts, distributions, time, splits, coverage")
  .description(
    "Draws the results of the saved queries about a run's dataset. It reads only aggregates, so it takes seconds for millions of rows. " +
      "Tables of later stages may be missing. The page needs no scripts and no network.",
  )
  .argument("<run>", "run folder, or s3://bucket/folder")
  .option("--out <file>", "file to write (default: profile/index.html in the run folder)")
  .action(async (run: string, options: ProfileOptions) =>
    (await import("./profile-command.ts")).profileCommand(run, options),
  );

addResultCommands(program);

program
  .command("score")
  .summary("score rows of users and items with a trained model of a run")
  .description(
    "Adds a `probability` column: the predicted chance that the user likes the item. The input needs user_id and item_id, as the run's source has them. " +
      "Histories come from history_items and history_ratings (lists, oldest first); without these columns, from the user's last events in the run: " +
      "those before the row's ts (UTC) or, without a ts, the latest. All other columns are kept.",
  )
  .argument("<run>", "run folder, or s3://bucket/folder")
  .argument("<rows>", "Parquet, CSV, TSV, JSON or JSON lines; all but Parquet may be .gz")
  .option("--out <file>", "file to write: .parquet or .csv", "predictions.parquet")
  .addOption(safeForSpreadsheets())
  .option("--backbone <name>", "only models of this backbone (default: the run's best model)")
  .option("--variant <name>", "only models of this variant")
  .option("--seed <n>", "only models of this seed")
  .option("--trial <n>", "only models of this trial of a grid or search, counted from 0")
  .option(
    "--strict",
    "fail on unknown users and items (default: score them as unknown and count them)",
  )
  .addHelpText(
    "after",
    `
Example: the run's own test rows
  r4ec sql runs/quickstart --output test.csv \\
    "select source_user_id(user_id) as user_id,
            source_item_id(item_id) as item_id, ts, label
     from samples where split = 'test'"
  r4ec score runs/quickstart test.csv --variant r4ec --out predictions.parquet`,
  )
  .action(async (run: string, rows: string, options: ScoreOptions) =>
    (await import("./score-command.ts")).scoreCommand(run, rows, options),
  );

program
  .command("encode")
  .summary("turn a file of texts into vectors")
  .description(
    "Encodes texts on all cores, by default with the bundled encoder (English, 512 numbers per vector). Several texts with the same id " +
      "give one vector, their mean. Writes the columns id, encoder, vector, tokens and chunks. After an interruption, run it again to encode the rest.",
  )
  .argument(
    "<texts>",
    "Parquet, CSV, TSV, JSON or JSON lines (all but Parquet may be .gz) with a column of ids and one of texts",
  )
  .requiredOption("--out <file>", "file to write: .parquet or .csv")
  .addOption(safeForSpreadsheets())
  .option("--id <column>", "id column (default: item_id, user_id or id)")
  .option("--text <column>", "text column (default: text)")
  .option(
    "--encoder <name>",
    "bundled, bge-m3, bert-base, longformer, a folder, or openai:MODEL@BASE_URL for a server (default: bundled)",
  )
  .option("--cache <dir>", "where encoders are kept (default: the user's cache folder)")
  .option(
    "--max-errors <n>",
    "write nothing and fail when a server leaves more texts than this without a vector: 0.1, say, is a share, 1 and above a number (default: 0.05)",
    errorAllowance,
  )
  .addHelpText(
    "after",
    `
Example: vectors of your own texts as a variant
  r4ec encode plots.csv --id item_id --text plot --out plots.parquet
  r4ec run pipelines/movielens-1m.yaml \\
    --set "train.variants=[base, {name: plots, items: plots.parquet}]"`,
  )
  .action(async (file: string, options: EncodeOptions) =>
    (await import("./encode-command.ts")).encodeCommand(file, options),
  );

addModelCommands(program, threads);

program
  .command("synth")
  .summary("generate a synthetic log of any size, for benchmarks")
  .description(
    "Writes synthetic interactions (Parquet, skewed, ordered by time) and items.parquet, and prints the dataset block of a pipeline file " +
      "that reads them. Holds at most one file in memory; the same arguments give the same files.",
  )
  .requiredOption("--rows <n>", "number of interactions")
  .requiredOption("--users <n>", "users to draw from")
  .requiredOption("--items <n>", "items to draw from, at least 2")
  .requiredOption("--out <dir>", "folder to write to")
  .option("--seed <n>", "random seed", "1")
  .option("--files <n>", "number of interaction files (default: one per 10 million rows)")
  .action(async (options: SynthOptions) =>
    (await import("./synth-command.ts")).synthCommand(options),
  );

program
  .command("task")
  .summary("run tasks of a stage that a run has planned: what jobs of other machines do")
  .description(
    "Runs tasks of a stage in this process. A run with runtime.executor array, slurm or ray plans its stages in the run folder and starts " +
      "this for each job; it can be called by hand as well. Tasks that are done are not done again, and of several processes at the same task " +
      "the first to finish wins.",
  )
  .requiredOption("--run <dir>", "run folder, or s3://bucket/folder")
  .requiredOption("--stage <name>", "stage, as status names it")
  .requiredOption("--index <n[-m]>", "tasks, counted from 0: 7, 0-4 or 0-2,5")
  .option(
    "--nth <k>",
    "only the k-th of these, counted from 0: for the jobs of an array, which know their own number; or the variable that has it",
  )
  .option("--job <id>", "name under which it tells the run of itself (default: a new one)")
  .option("--threads <n>", "cores to use (default: all that this process may use)", threads)
  .option("--memory <amount>", "memory for SQL, such as 2GB (default: half of what is free)")
  .option("--scratch <dir>", "folder that queries may spill to (default: tmp in the run folder)")
  .addHelpText(
    "after",
    `
Exit codes: 0 all of them are committed, by whomever; 1 trying again may help;
2 it will not, such as for bad settings; 130 interrupted.`,
  )
  .action(async (options: TaskOptions) => (await import("./task-command.ts")).taskCommand(options));

program
  .command("schema")
  .summary("JSON Schema of a pipeline file, for editors: every key, its default and meaning")
  .action(async () => {
    (await import("./schema-command.ts")).schemaCommand();
  });

program
  .command("doctor")
  .summary("check versions, native parts and memory: what is missing and how to get it")
  .option("--json", "print JSON")
  .action(async (options: DoctorOptions) =>
    (await import("./doctor-command.ts")).doctorCommand(options),
  );

const requireOutput = outliveOutputs();

try {
  requireOpenFiles();
  requireCurrentFolder();
  await program.parseAsync();
  await requireOutput();
} catch (error) {
  if (!(error instanceof CommanderError)) complain(explainError(error));
  process.exitCode = exitCodeOf(error);
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function retryKinds(value: string): readonly FaultKind[] {
  if (value === "all") return faultKinds;
  if (value === "none") return [];
  return value.split(",").map((word) => {
    const kind = faultKinds.find((known) => known === word.trim());
    if (kind !== undefined) return kind;
    throw new InvalidArgumentError(`Expected all, none, or some of ${faultKinds.join(", ")}.`);
  });
}

function threads(value: string): string {
  if (/^[1-9]\d{0,3}$/.test(value)) return value;
  throw new InvalidArgumentError("Expected a whole number >= 1.");
}

function errorAllowance(value: string): number {
  const most = value.trim() === "" ? NaN : Number(value);
  if (most >= 0 && (most < 1 || Number.isInteger(most))) return most;
  throw new InvalidArgumentError("Expected a share below 1, such as 0.05, or a whole number.");
}
