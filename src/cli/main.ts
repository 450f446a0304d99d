import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { packageVersion } from "../base/package-version.ts";
import { answerFormats, defaultMaxRows } from "../inspect/sql/answer.ts";
import { stageNames } from "../pipeline/pipeline-stage.ts";
import { engineNames } from "../train/engine/devices.ts";
import type { DescribeOptions } from "./describe-command.ts";
import type { DoctorOptions } from "./doctor-command.ts";
import type { EncodeOptions } from "./encode-command.ts";
import { exitCodeOf, explainError } from "./exit-code.ts";
import type { FetchOptions } from "./fetch-command.ts";
import type { PlanOptions } from "./plan-command.ts";
import type { ProfileOptions } from "./profile-command.ts";
import type { RunOptions } from "./run-command.ts";
import type { ScoreOptions } from "./score-command.ts";
import type { SqlOptions } from "./sql-command.ts";
import type { SynthOptions } from "./synth-command.ts";

const program = new Command("r4ec")
  .description(
    "LLM knowledge for CTR models as a dataflow: interaction logs in, a measured lift out.\n" +
      "Every step is a Parquet table in the run folder; what is done is never done again.",
  )
  .version(await packageVersion())
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    "after",
    `
Examples:
  r4ec run pipelines/quickstart.yaml
  r4ec run pipelines/movielens-1m.yaml --set dataset.path=data/ml-1m --set train.seeds=[1,2]
  r4ec run pipelines/movielens-1m.yaml --set protocol=reference --to samples
  r4ec sql runs/quickstart "select split, count(*), avg(label) from samples group by split"

Exit codes: 0 done, 1 the run failed, 2 bad usage or configuration, 130 interrupted.`,
  );

const stage = (flags: string, about: string): Option =>
  new Option(flags, about).choices(stageNames);

program
  .command("run")
  .summary("run what is missing of a pipeline, resume what was cut off")
  .description(
    "Runs what is missing of a pipeline and ends with the results table and an HTML report.\n" +
      "Run it again after a crash, Ctrl-C or a changed setting: finished work is kept, only what the change reaches is redone.",
  )
  .argument(
    "<pipeline.yaml>",
    "pipeline file; see pipelines/ for examples, `r4ec schema` for every key",
  )
  .option("--out <dir>", "run folder (default: runs/<name of the pipeline>)")
  .option("--set <key=value>", "override a setting, e.g. train.epochs=5; repeatable", collect, [])
  .option(
    "--max-errors <n>",
    "stop when more prompts than this have no answer (knowledge.maxErrors); default: count them and go on",
  )
  .addOption(
    new Option("--engine <name>", "what trains the models (train.engine)").choices(engineNames),
  )
  .option("--threads <n>", "cores to use (runtime.threads); default: all of this machine", threads)
  .addOption(stage("--from <stage>", "take the stages before this one as they are"))
  .addOption(stage("--to <stage>", "stop after this stage"))
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
  .summary("what a run would do, and what it would ask of language models at what cost")
  .description(
    "Shows stage by stage what is done and what would run, and estimates the calls, tokens and cost of the knowledge that is\n" +
      "missing, from the prompts themselves. Runs nothing, writes nothing.",
  )
  .argument("<pipeline.yaml>", "pipeline file, as for run")
  .option("--out <dir>", "run folder (default: runs/<name of the pipeline>)")
  .option("--set <key=value>", "override a setting, e.g. train.epochs=5; repeatable", collect, [])
  .option("--json", "machine-readable")
  .action(async (file: string, options: PlanOptions) =>
    (await import("./plan-command.ts")).planCommand(file, options),
  );

program
  .command("describe")
  .summary(
    "what a pipeline's source holds: columns, times, and the rows that would be left out and why",
  )
  .description(
    "Reads the source as `run` would and says what it found: files and their columns, what each column is taken for, missing values,\n" +
      "repeated events, the time range, the share of positives, and which rows would be left out for which reason. Writes nothing.",
  )
  .argument("<pipeline.yaml>", "pipeline file, as for run")
  .option(
    "--set <key=value>",
    "override a setting, e.g. dataset.ids=dictionary; repeatable",
    collect,
    [],
  )
  .option("--json", "machine-readable")
  .action(async (file: string, options: DescribeOptions) =>
    (await import("./describe-command.ts")).describeCommand(file, options),
  );

program
  .command("status")
  .summary("what is done of a run, stage by stage")
  .argument("<run>", "run folder")
  .option("--json", "machine-readable")
  .action(async (run: string, options: { readonly json?: boolean }) =>
    (await import("./status-command.ts")).statusCommand(run, options),
  );

program
  .command("sql")
  .summary("read-only SQL over all tables of a run: a query, a saved query or a shell")
  .description(
    "Runs one reading statement (SELECT, EXPLAIN, DESCRIBE, SHOW, SUMMARIZE) over the tables of a run. It can read nothing but the run\n" +
      "and change nothing. Without a query: a shell on a terminal, else the statements on standard input, one after the other.",
  )
  .argument("<run>", "run folder")
  .argument("[query]", "a statement; - reads statements from standard input")
  .option("--saved [name]", "run a saved query in place of a query; without a name: list them")
  .option("--param <name=value>", "set a parameter of the saved query; repeatable", collect, [])
  .addOption(
    new Option(
      "--format <format>",
      "output format; parquet needs --output (default: table, of a file what its name ends in)",
    ).choices(answerFormats),
  )
  .option("--output <file>", "write every row to a new file instead of showing some")
  .option(
    "--limit <rows>",
    `rows shown at most (default: ${defaultMaxRows.toLocaleString("en-US")})`,
  )
  .addOption(new Option("--all", "show every row").conflicts("limit"))
  .addHelpText(
    "after",
    `
Examples:
  r4ec sql runs/quickstart "select split, count(*), avg(label) from samples group by split"
  r4ec sql runs/quickstart --saved item_popularity
  r4ec sql runs/quickstart --saved label_rate_over_time --param spans=12 --format csv
  r4ec sql runs/quickstart "from samples where split = 'test'" --output test.parquet`,
  )
  .action(async (run: string, query: string | undefined, options: SqlOptions) =>
    (await import("./sql-command.ts")).sqlCommand(run, query, options),
  );

program
  .command("profile")
  .summary("one HTML page about a run's dataset: counts, distributions, time, splits, coverage")
  .description(
    "Draws what the saved queries say about the dataset of a run, from aggregates alone: it takes seconds for millions of rows. What later\n" +
      "stages make may be missing. The page needs neither scripts nor a network.",
  )
  .argument("<run>", "run folder")
  .option("--out <file>", "file to write (default: profile/index.html in the run folder)")
  .action(async (run: string, options: ProfileOptions) =>
    (await import("./profile-command.ts")).profileCommand(run, options),
  );

program
  .command("report")
  .summary("write results.json and report/index.html again, print the results table")
  .argument("<run>", "run folder")
  .option("--json", "print results.json to stdout instead of the table")
  .action(async (run: string, options: { readonly json?: boolean }) =>
    (await import("./report-command.ts")).reportCommand(run, options),
  );

program
  .command("score")
  .summary("score rows of users and items with a trained model of a run")
  .description(
    "Adds the column probability, that the user likes the item, to a table of user_id and item_id. Without history_items and\n" +
      "history_ratings (lists, oldest first) a row has the user's history in the run: the last events before its ts (UTC) or,\n" +
      "without one, the last there are. All other columns are kept.",
  )
  .argument("<run>", "run folder")
  .argument("<rows>", "Parquet, CSV, TSV, JSON or JSON lines, the texts also .gz")
  .option("--out <file>", "file to write: .parquet or .csv", "predictions.parquet")
  .option("--backbone <name>", "only models of this backbone (default: the run's best model)")
  .option("--variant <name>", "only models of this variant")
  .option("--seed <n>", "only models of this seed")
  .option("--trial <n>", "only models of this place in the grid, from 0")
  .option(
    "--strict",
    "an unknown user or item is an error (default: scored as unknown, and counted)",
  )
  .addHelpText(
    "after",
    `
Example: the run's own test rows
  r4ec sql runs/quickstart "select user_id, item_id, ts, label from samples where split = 'test'" --output rows.csv
  r4ec score runs/quickstart rows.csv --variant r4ec --out predictions.parquet`,
  )
  .action(async (run: string, rows: string, options: ScoreOptions) =>
    (await import("./score-command.ts")).scoreCommand(run, rows, options),
  );

program
  .command("encode")
  .summary("encode a file of texts as vectors")
  .description(
    "Encodes texts on all cores, with the bundled encoder (English, 512 numbers a vector) unless another is named; of several texts of one\n" +
      "id, the vector is their mean. Writes the id, encoder, vector, tokens and chunks. Started again after a kill, it encodes the rest.",
  )
  .argument(
    "<texts>",
    "Parquet, CSV, TSV, JSON or JSON lines, the texts also .gz; a column of integer ids, one of texts",
  )
  .requiredOption("--out <file>", "file to write: .parquet or .csv")
  .option("--id <column>", "column of the ids (default: item_id, user_id or id)")
  .option("--text <column>", "column of the texts (default: text)")
  .option(
    "--encoder <name>",
    "bundled, bge-m3, bert-base, longformer or a folder (default: bundled)",
  )
  .option("--cache <dir>", "where encoders are kept (default: the user's cache folder)")
  .addHelpText(
    "after",
    `
Example: vectors of your own texts as a variant
  r4ec encode plots.csv --id item_id --text plot --out plots.parquet
  r4ec run pipelines/movielens-1m.yaml --set "train.variants=[base, {name: plots, items: plots.parquet}]"`,
  )
  .action(async (file: string, options: EncodeOptions) =>
    (await import("./encode-command.ts")).encodeCommand(file, options),
  );

program
  .command("synth")
  .summary("make up a log of any size, for benchmarks")
  .description(
    "Writes made-up interactions as Parquet, skewed and in order of time, and items.parquet; prints the dataset block of a pipeline file\n" +
      "that reads them. Holds no more than a file at a time; the same arguments give the same files.",
  )
  .requiredOption("--rows <n>", "interactions")
  .requiredOption("--users <n>", "users to draw from")
  .requiredOption("--items <n>", "items to draw from, 2 at least")
  .requiredOption("--out <dir>", "folder to write to")
  .option("--seed <n>", "of everything", "1")
  .option("--files <n>", "files of interactions (default: one for every 10 million rows)")
  .action(async (options: SynthOptions) =>
    (await import("./synth-command.ts")).synthCommand(options),
  );

program
  .command("fetch")
  .summary("get an encoder from the Hugging Face hub")
  .description(
    "Downloads an encoder's model, tokenizer and configuration, checks sizes and hashes, and goes on where a download was cut off. Then\n" +
      "encode.encoder takes it by its name; a repository that has no name of its own by the folder that is printed.",
  )
  .argument("<name>", "bge-m3, bert-base, longformer, or a repository such as intfloat/e5-base-v2")
  .option("--endpoint <url>", "another hub (default: HF_ENDPOINT or https://huggingface.co)")
  .option("--cache <dir>", "where encoders are kept (default: the user's cache folder)")
  .action(async (name: string, options: FetchOptions) =>
    (await import("./fetch-command.ts")).fetchCommand(name, options),
  );

program
  .command("schema")
  .summary("JSON Schema of a pipeline file, for editors: every key, its default and meaning")
  .action(async () => {
    (await import("./schema-command.ts")).schemaCommand();
  });

program
  .command("doctor")
  .summary("versions, native parts and memory: what is missing and how to get it")
  .option("--json", "machine-readable")
  .action(async (options: DoctorOptions) =>
    (await import("./doctor-command.ts")).doctorCommand(options),
  );

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error; // whoever read (`| head`) has seen enough; the work goes on
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${explainError(error)}\n`);
  process.exitCode = exitCodeOf(error);
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function threads(value: string): string {
  if (/^[1-9]\d{0,3}$/.test(value)) return value;
  throw new InvalidArgumentError("Expected a whole number from 1 on.");
}
