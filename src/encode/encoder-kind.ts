import type { TaskContext } from "../flow/task.ts";
import type { Encoder } from "./model/encoder.ts";
import type { EncodeSettings } from "./encoder-settings.ts";
import type { SpendingSettings } from "./spending.ts";
import type { VectorCache } from "./cache/vector-cache.ts";

/** A kind of encoder. Adding one: a file like `folder-kind.ts`, and a line in `encoder-kinds.ts`. */
export interface EncoderKind<Spec extends { readonly kind: string }> {
  /** How such an encoder is named, for messages. */
  readonly names: string;
  /**
   * Reads the name of an encoder; null when it is of another kind.
   *
   * @throws FlowError `CONFIG_INVALID` for a malformed name of this kind
   */
  readonly parse: (name: string) => Spec | null;
  /** Tells it from other encoders in the names of variants. */
  readonly label: (spec: Spec) => string;
  /** Threads of a task, unless the settings say: one, all there are, or "waiting" when it only waits for a server. */
  readonly threads: 1 | "all" | "waiting";
  /** Hash of all that its vectors depend on, without opening it; null when the package's version says as much. */
  readonly identity: (spec: Spec, settings: EncodeSettings) => Promise<string | null>;
  /** Numbers of its vectors, without loading weights or asking a server; null where that does not say. */
  readonly width: (spec: Spec, settings: EncodeSettings) => Promise<number | null>;
  /**
   * Opens it behind the cache, which it then owns.
   *
   * @throws FlowError `CONFIG_INVALID`, `INPUT_INVALID` or `DEPENDENCY_MISSING`, saying what is missing and how to get it
   */
  readonly open: (spec: Spec, settings: EncodeSettings, place: EncoderPlace) => Promise<Encoder>;
}

/** Where an encoder is opened. */
export interface EncoderPlace {
  /** Vectors by text. */
  readonly cache: VectorCache;
  /** For what can be made again, such as the converted bundled encoder. Absolute. */
  readonly cacheDir: string;
  /** Threads per batch, unless the settings say. */
  readonly threads: number;
  readonly runDir: string;
  /** What the worker's tasks share, such as the access to servers and its budget. */
  readonly shared: TaskContext["shared"];
  readonly spending: SpendingSettings;
  /** As {@link TaskContext.share}. */
  readonly share: number;
  /** As {@link TaskContext.budget}. */
  readonly budget?: TaskContext["budget"];
  /** Told when vectors or requests begin to wait for room on a full disk, and when they no longer do. */
  readonly onWait: (text: string) => void;
}
