/** @file Where the files of a run are kept so that several machines can use them: a folder that all of them see, or a bucket. */

/** A file of a store. */
export interface StoredFile {
  /** Names of folders and of the file, with forward slashes: `manifests/train/4f….json`. */
  readonly key: string;
  readonly bytes: number;
  /** Opaque; another one where the content is another one. */
  readonly tag: string;
  /** When it was written, by the store's clock, ms since 1970; NaN where it does not say. */
  readonly writtenMs: number;
}

/**
 * The files of one run. All methods may be called at once. What a method wrote, every later read sees, from any machine. A file is
 * never seen half-written.
 *
 * Errors that may pass (a server that is out of reach or overloaded, a lost reply) are tried again inside, for minutes; what is thrown in
 * the end is a FlowError that names the store, the key and the cure.
 *
 * @throws From any method: `STORE_FAILED`; `OUTPUT_FAILED` for this machine's disk; `CONFIG_INVALID` for a store that cannot hold runs;
 *   a TypeError for a key that is none
 */
export interface RunStore {
  /** For messages and commands: `s3://bucket/prefix`, or the path of a folder. */
  readonly name: string;
  /** Every file whose key begins with `prefix`, in order of the keys' UTF-8. Files that appear or go meanwhile may be left out. */
  readonly list: (prefix: string) => AsyncIterable<StoredFile>;
  /** The content of a small file; null where there is none. */
  readonly get: (key: string) => Promise<Uint8Array | null>;
  /** Writes a small file, over any other. */
  readonly put: (key: string, content: Uint8Array | string) => Promise<void>;
  /**
   * Writes a small file unless there is one. Of any number of callers at once, on any machines, one gets true. A lost reply is no lost
   * race: contents are compared, so each caller's content must differ from every other's.
   */
  readonly putIfAbsent: (key: string, content: Uint8Array | string) => Promise<boolean>;
  /** Writes a file of any size from disk, over any other, in pieces where it is large. */
  readonly upload: (key: string, path: string) => Promise<void>;
  /**
   * Reads a file of any size to a new path, which appears once it is whole. A transfer that breaks off goes on where it was.
   *
   * @returns False where there is no such file
   */
  readonly download: (key: string, path: string) => Promise<boolean>;
  /** Removes a file; nothing happens where there is none. */
  readonly delete: (key: string) => Promise<void>;
  /** Ends open connections. */
  readonly close: () => Promise<void>;
}
