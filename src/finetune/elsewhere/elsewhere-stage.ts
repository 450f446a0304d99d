import { toJson } from "../../base/json.ts";
import { defineStage, type StageDef } from "../../flow/stage.ts";
import { lessonTables } from "../../tables/lesson-lengths.ts";
import { finetuneTables } from "../../tables/schemas/finetune.ts";
import { tableNames } from "../../tables/schemas/schema.ts";
import { adapterFiles, adapterFolder } from "../adapter/adapter-folder.ts";
import type { AdapterIdentity } from "../settings.ts";
import { elsewhereParams } from "./elsewhere-params.ts";
import type { AdapterContent } from "./given-adapter.ts";

/** An adapter of a role that is played with it. */
export interface AwaitedAdapter extends AdapterIdentity {
  /** Absolute path, or the name at a server; null while it is not trained. */
  readonly given: string | null;
  /** The .gguf model that is loaded with it; null where a server plays the role. */
  readonly model: string | null;
  /** Null while it is not trained, and when the stage will not run. */
  readonly content: AdapterContent | null;
}

export interface ElsewhereOptions {
  /** The model that is trained, as its trainer knows it. */
  readonly base: string;
  readonly adapters: readonly AwaitedAdapter[];
}

/**
 * Takes the adapters that were trained elsewhere; a task for each, which writes one part of `adapters`. It comes after the lessons, but
 * rows that are written later change no adapter.
 */
export function elsewhereStage({ base, adapters }: ElsewhereOptions): StageDef {
  return defineStage({
    name: "finetune",
    module: "finetune/elsewhere/elsewhere-task",
    export: "takeAdapter",
    config: { base, isElsewhere: true },
    runtime: toJson({
      places: adapters.map(({ subject, role, given, model }) => ({ subject, role, given, model })),
    }),
    inputs: lessonTables,
    outputs: tableNames(finetuneTables),
    threads: 1,
    artifacts: ({ key, params }) => {
      const { subject, role, adapter } = elsewhereParams.parse(params);
      if (adapter === null || adapter.kind === "served") return [];
      return [`${adapterFolder({ subject, role, taskKey: key })}/${adapterFiles.gguf}`];
    },
    plan: () =>
      adapters.map(({ subject, role, content }) => ({
        params: toJson({ subject, role, adapter: content }),
        inputs: {},
      })),
  });
}
