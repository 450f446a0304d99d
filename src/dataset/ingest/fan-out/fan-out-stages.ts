import { toJson, type Json } from "../../../base/json.ts";
import { ingestStages, type IngestStage } from "../../../base/stage-names.ts";
import {
  defineStage,
  taskPerBucket,
  type Catalog,
  type StageDef,
  type TaskPlan,
} from "../../../flow/stage.ts";
import { fanOutTables } from "../../../tables/schemas/fan-out.ts";
import type { DatasetSettings } from "../../settings.ts";
import type { FanOut, IngestPlan } from "./plan-ingest.ts";

export interface FanOutOptions {
  readonly dataset: DatasetSettings;
  /** Null where only finished stages are looked at. */
  readonly plan: IngestPlan | null;
  /** Events that samples will keep: how much disk a run needs depends on it. */
  readonly history: number;
}

const { columns, forms, files, typing, rows, userIds, itemIds, tallies } = fanOutTables;
const { itemMetadata, userMetadata, events, coreUsers, coreItems, keptItems, repeats } =
  fanOutTables;

/** Reads a source in groups of its files, and cuts it into buckets of users, of which each is then a task. */
export function fanOutStages({ dataset, plan, history }: FanOutOptions): readonly StageDef[] {
  const fanOut = plan?.fanOut ?? null;
  const settings = fanOut?.settings ?? ("columns" in dataset ? dataset : null);
  const stage = (name: IngestStage, task: string, parts: StageParts): StageDef =>
    defineStage({
      ...{ name, module: `dataset/ingest/fan-out/${task}-task`, export: task },
      runtime: toJson({ dataset, history }),
      ...parts,
      inputs: parts.inputs.map(nameOf),
      outputs: parts.outputs.map(nameOf),
    });
  const reading = readingOf(settings);
  const isOrdered = settings?.columns.timeUnit === "order";
  const isOpen =
    settings === null ||
    settings.ids === "auto" ||
    isOrdered ||
    (settings.columns.timeUnit === "auto" && settings.columns.timeFormat === undefined);
  const groups = fanOut?.groups ?? [];
  const hasCore = settings?.kCore !== undefined;
  const drops = toJson({
    duplicates: settings?.duplicates ?? null,
    missing: settings?.items?.missing ?? null,
    kCore: settings?.kCore ?? null,
    positiveAbove: dataset.positiveAbove,
  });
  const dictionaries = ["user_dictionary", "item_dictionary"];
  return [
    {
      ...stage("ingest-columns", "columns", {
        config: toJson({ reading, source: plan?.source ?? null }),
        inputs: [],
        outputs: [columns],
      }),
      replaces: ["ingest"],
    },
    ...(isOpen
      ? [
          stage("ingest-survey", "survey", {
            config: toJson({ reading }),
            inputs: [columns],
            outputs: [forms, files],
            plan: (inputs) => groups.map((group) => ({ params: toJson(group), inputs })),
          }),
          stage("ingest-typing", "typing", {
            config: toJson({ reading }),
            inputs: [columns, forms],
            outputs: [typing],
          }),
        ]
      : []),
    stage("ingest-read", "read", {
      config: toJson({
        ...{ reading, buckets: fanOut?.buckets ?? null },
        ...{ sampleUsers: settings?.sampleUsers ?? null, drops },
      }),
      inputs: isOpen ? [columns, typing, files] : [columns],
      outputs: ["interactions", rows, "rejects", tallies, userIds, itemIds],
      plan: (inputs) => readTasks(groups, inputs, isOrdered),
    }),
    stage("ingest-ids", "ids", {
      config: toJson({ dataset, metadata: fanOut?.metadata ?? null }),
      inputs: [columns, ...(isOpen ? [typing] : []), tallies, userIds, itemIds, "rejects"],
      outputs: [...dictionaries, itemMetadata, userMetadata, "rejects"],
      sources: ["ingest-columns", "ingest-typing", "ingest-read"],
    }),
    ...(hasCore
      ? [
          stage("ingest-events", "events", {
            config: drops,
            inputs: ["interactions", rows, itemMetadata, ...dictionaries],
            outputs: [events, "rejects", tallies],
            sources: ["ingest-read", "ingest-ids"],
            plan: taskPerBucket,
          }),
          stage("ingest-core", "core", {
            config: drops,
            inputs: [events],
            outputs: [coreUsers, coreItems, tallies],
          }),
        ]
      : []),
    stage("ingest-buckets", "buckets", {
      config: drops,
      inputs: [
        ...["interactions", ...(hasCore ? [events, coreUsers, coreItems] : [rows, itemMetadata])],
        ...[userMetadata, ...(hasCore ? [] : dictionaries)],
      ],
      outputs: ["interactions", "users", "rejects", tallies, keptItems, repeats],
      sources: ["ingest-read", "ingest-ids", "ingest-events", "ingest-core"],
      plan: taskPerBucket,
    }),
    stage("ingest-items", "items", {
      config: toJson({ dataset }),
      inputs: [
        ...["interactions", columns, tallies, keptItems, repeats, itemMetadata],
        ...dictionaries,
      ],
      outputs: ["items", "ingest_counts"],
    }),
  ];
}

/** The stages that another cut of the work has and this one has not. */
export const fanOutNames: readonly string[] = ingestStages.filter((name) => name !== "ingest");

type Table = string | { readonly name: string };

interface StageParts extends Pick<StageDef, "config">, Partial<Pick<StageDef, "plan" | "sources">> {
  readonly inputs: readonly Table[];
  readonly outputs: readonly Table[];
}

function nameOf(table: Table): string {
  return typeof table === "string" ? table : table.name;
}

/** The settings that decide how a row of the interactions is read. */
function readingOf(settings: FanOut["settings"] | null): Json {
  if (settings === null) return null;
  const { source, columns: mapped, csv, ids, until = null, missingValues } = settings;
  return toJson({ source, columns: mapped, csv, ids, until, missingValues });
}

/** A task per group, with what is known of its files; where the order of rows is their time, also of those before them. */
function readTasks(
  groups: FanOut["groups"],
  inputs: Catalog,
  isOrdered: boolean,
): readonly TaskPlan[] {
  const { [files.name]: known = [] } = inputs;
  return groups.map((group, k) => ({
    params: toJson(group),
    inputs: {
      ...inputs,
      ...(known.length > 0 && { [files.name]: known.slice(isOrdered ? 0 : k, k + 1) }),
    },
  }));
}
