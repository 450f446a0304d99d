/** Tasks that one process elsewhere runs. */
export interface Job {
  /** Unique in its run. */
  readonly id: string;
  readonly stage: string;
  /** As `parseIndices` reads them. */
  readonly indices: string;
  /** What it needs. */
  readonly resources: JobResources;
}

/** What the machine of a job must have; absent = as the engine does without being asked. */
export interface JobResources {
  readonly cpus?: number | undefined;
  readonly memoryMb?: number | undefined;
  readonly gpus?: number | undefined;
}

/** A job as its engine names it. Plain data. */
export interface SubmittedJob {
  readonly id: string;
  /** For the engine alone; another process may give it back to the engine. */
  readonly handle: string;
}

/** Something that starts processes on machines of its own: it places and ends them. Nobody trusts its word about success. */
export interface JobEngine {
  /**
   * Starts a process for each job, or queues it.
   *
   * @throws FlowError `CONFIG_INVALID` or `DEPENDENCY_MISSING` when it takes none
   */
  readonly submit: (jobs: readonly Job[]) => Promise<readonly SubmittedJob[]>;
  /** Handles of the jobs that are queued or at work, as far as it knows. */
  readonly alive: (handles: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Ends jobs, also those that have not begun; those that have ended already are no error. */
  readonly cancel: (handles: readonly string[]) => Promise<void>;
  /** What it knows of a job that has ended without a word of its own, besides its log. */
  readonly lastWords?: (handle: string) => Promise<string | null>;
}
