import type { Json } from "../base/json.ts";

/** One committed Parquet part of a table, as a manifest names it. */
export interface FileRef {
  readonly table: string;
  /** Relative to the run folder, with forward slashes. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of the file's content, hexadecimal. */
  readonly sha256: string;
  /** The stage that wrote it; given in a catalogue, where parts of several stages meet. */
  readonly stage?: string;
  /** Where a table is cut into buckets of users: the one whose rows these are, from 0. No user's rows are in two. */
  readonly bucket?: number;
}

/** A file that a task has written and wants committed. `path` must come from {@link TaskContext.outputPath}. */
export interface WrittenFile {
  readonly table: string;
  /** Absolute. */
  readonly path: string;
  readonly rows: number;
  /** As {@link FileRef.bucket}. */
  readonly bucket?: number;
}

/** The unit of work and of resumption. Plain data: it can be sent to another thread, process or machine. */
export interface TaskSpec {
  readonly stage: string;
  /** Position among the stage's tasks; also names the part files. */
  readonly index: number;
  /** sha256 over stage name, version, config, params and the content hashes of all inputs. */
  readonly key: string;
  /** Module path under src/ without extension (`encode/encode-task`), a package specifier (`npm:name/sub`) or a `file:` URL. */
  readonly module: string;
  /** The exported {@link RunTask}. */
  readonly export: string;
  /** The stage's settings; the same for all its tasks. The task module validates them at its edge. */
  readonly config: Json;
  /** Settings outside the key: how and where, never what. */
  readonly runtime: Json;
  /** What tells this task from the stage's other tasks. */
  readonly params: Json;
  /** Tables it may write. */
  readonly outputs: readonly string[];
  /** Table name to the parts this task may read. */
  readonly inputs: Readonly<Record<string, readonly FileRef[]>>;
}

/** How far a task is. Counted in rows of whatever the stage works through. */
export interface TaskProgress {
  readonly rowsDone: number;
  readonly rowsTotal?: number;
  /** Noun for the rows, plural: "rows", "texts", "users". Default "rows". */
  readonly unit?: string;
  /** Short live figures shown beside the bar, e.g. `{ epoch: "3/20", loss: "0.5432" }`. */
  readonly detail?: Readonly<Record<string, string>>;
}

/** What the runtime gives a task. All side effects of a task go through here or into its output files. */
export interface TaskContext {
  /** Absolute path of the run folder. */
  readonly runDir: string;
  /** Run-wide cache folder for things that can be made again (converted models). Absolute. */
  readonly cacheDir: string;
  /** Scratch folder for spills; emptied by the runtime. Absolute. */
  readonly tempDir: string;
  /** Threads this task may use. */
  readonly threads: number;
  /** Memory this task may use, in MiB. */
  readonly memoryMb: number;
  /** Aborted on Ctrl-C; a task should stop between batches by `signal.throwIfAborted()`. */
  readonly signal: AbortSignal;
  /** A fresh, attempt-unique absolute path for a part of `table`; readers see the file only once it is committed. */
  readonly outputPath: (table: string) => string;
  readonly progress: (progress: TaskProgress) => void;
  /** Something costly that lives as long as the worker (an ONNX session), made on first use. */
  readonly shared: <T extends { close(): Promise<void> }>(
    key: string,
    create: () => Promise<T>,
  ) => Promise<T>;
}

/** The only kind of code that does work. Named by module and export, never shipped as a closure. */
export type RunTask = (task: TaskSpec, context: TaskContext) => Promise<readonly WrittenFile[]>;
