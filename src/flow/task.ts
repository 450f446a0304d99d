import type { Json } from "../base/json.ts";
import type { MemoryShare } from "../base/memory-budget.ts";
import type { Outcomes } from "./outcomes.ts";
import type { SharedBudget } from "./store/shared-budget.ts";

/** One committed Parquet part of a table, as a manifest names it. */
export interface FileRef {
  readonly table: string;
  /** Relative to the run folder, with forward slashes. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of the file's content, in hexadecimal. */
  readonly sha256: string;
  /** The stage that wrote it; set in a catalogue, where one table can have parts of several stages. */
  readonly stage?: string;
  /** The bucket of users this part holds, from 0, where a table is cut into buckets. A user's rows are all in one bucket. */
  readonly bucket?: number;
  /** How its rows came about; absent where none of them holds an error. */
  readonly outcomes?: Outcomes;
}

/** A file that a task has written, to be committed. `path` must come from {@link TaskContext.outputPath}. */
export interface WrittenFile {
  readonly table: string;
  /** Absolute. */
  readonly path: string;
  readonly rows: number;
  /** As {@link FileRef.bucket}. */
  readonly bucket?: number;
  /** As {@link FileRef.outcomes}. */
  readonly outcomes?: Outcomes;
}

/** The unit of work and of resumption. Plain data: it can be sent to another thread, process or machine. */
export interface TaskSpec {
  readonly stage: string;
  /** Position among the stage's tasks, from 0; part files are numbered by it. */
  readonly index: number;
  /** SHA-256 of stage name, version, config, params and the content hashes of all inputs. */
  readonly key: string;
  /** Module path under src/ without extension (`encode/encode-task`), a package specifier (`npm:name/sub`) or a `file:` URL. */
  readonly module: string;
  /** The exported {@link RunTask}. */
  readonly export: string;
  /** The stage's settings; the same for all its tasks. The task module validates them at its edge. */
  readonly config: Json;
  /** Settings outside the key: how and where the work is done, never its result. */
  readonly runtime: Json;
  /** What sets this task apart from the stage's other tasks. */
  readonly params: Json;
  /** Tables it may write. */
  readonly outputs: readonly string[];
  /** Files it leaves beside its tables, such as a trained model; relative to the run folder, with forward slashes. */
  readonly artifacts?: readonly string[];
  /** Table name to the parts this task may read. */
  readonly inputs: Readonly<Record<string, readonly FileRef[]>>;
}

/** Progress of a task, counted in rows. */
export interface TaskProgress {
  readonly rowsDone: number;
  readonly rowsTotal?: number;
  /** Plural noun for the rows, such as "texts" or "users". Default "rows". */
  readonly unit?: string;
  /** Short live figures shown beside the progress bar, e.g. `{ epoch: "3/20", loss: "0.5432" }`. */
  readonly detail?: Readonly<Record<string, string>>;
  /** What the user should know about the work so far; each is told once per stage. */
  readonly notes?: readonly string[];
}

/** What a task is given to work with. All its side effects go through here or into its output files. */
export interface TaskContext {
  /** Absolute path of the run folder. */
  readonly runDir: string;
  /** Cache folder of the run, for things that can be rebuilt (converted models). Absolute. */
  readonly cacheDir: string;
  /** Scratch folder, deleted after the attempt. Absolute. */
  readonly tempDir: string;
  /** Threads this task may use. */
  readonly threads: number;
  /** The part of the run's limits on others' servers that this process may use, because others work at the same stage. Absent = all. */
  readonly share?: number;
  /** The run's budget, of which this process takes parts, because others work at the same stage. Absent = all of it is this process's. */
  readonly budget?: SharedBudget;
  /** Memory this task may use, in MiB. */
  readonly memoryMb: number;
  /** What it may take of the memory that was free when its stage began, besides SQL; absent = nobody has looked. */
  readonly memory?: MemoryShare;
  /** Aborts on Ctrl-C; call `signal.throwIfAborted()` between batches. */
  readonly signal: AbortSignal;
  /** A new absolute path, unique to this attempt, for a part of `table`. Readers see the file only once it is committed. */
  readonly outputPath: (table: string) => string;
  readonly progress: (progress: TaskProgress) => void;
  /** A costly resource (an ONNX session), created on first use and kept by the worker until the stage ends. */
  readonly shared: <T extends { close(): Promise<void> }>(
    key: string,
    create: () => Promise<T>,
  ) => Promise<T>;
}

/** The code of a task. Named by module and export, never sent as a closure. */
export type RunTask = (task: TaskSpec, context: TaskContext) => Promise<readonly WrittenFile[]>;
