/** @file What the settings say about how each variant was made. */
import { canonicalJson, toJson } from "../../base/json.ts";
import { subjects, type Subject } from "../../base/terms.ts";
import type { VariantRow } from "../../experiments/variant-row.ts";
import { asksModel, type RoleSettings } from "../../knowledge/providers.ts";
import type { ChatSettings } from "../../llm/providers.ts";
import { samplingOf } from "../../llm/settings.ts";
import { hasReflector, sideSettings } from "../../knowledge/settings.ts";
import { roleOf, type Variant, type VectorSource } from "../../train/variants.ts";
import type { PipelineSettings } from "../settings.ts";
import type { ImportedRun } from "./imported-run.ts";

type Known = Pick<PipelineSettings, "protocol" | "contexts" | "resolved">;

/** The runs that vectors given by path come from, by variant. */
export type ImportedRuns = ReadonlyMap<string, Readonly<Partial<Record<Subject, ImportedRun>>>>;

/** One row per variant and subject, and per variant whose vectors or texts only others use. */
export function variantRows(settings: Known, imported: ImportedRuns): readonly VariantRow[] {
  const { variants, sources, texts } = settings.resolved;
  const rows = (variant: Variant, role: VariantRow["role"]): readonly VariantRow[] =>
    subjects.map((subject) => ({
      ...{ variant: variant.name, subject, role },
      ...vectorsOf(variant, subject, settings, imported),
    }));
  const names = new Set(variants.map(({ name }) => name));
  const used = [...sources, ...texts.map(({ name }) => ({ kind: "knowledge", name }) as const)];
  const others = [...new Map(used.map((source) => [source.name, source])).values()].filter(
    ({ name }) => !names.has(name),
  );
  return [
    ...variants.flatMap((variant) => rows(variant, roleOf(variant))),
    ...others.flatMap((source) => rows(withOwn(source), "texts")),
  ];
}

function withOwn(source: VectorSource): Variant {
  return {
    ...{ name: source.name, vectors: { source, deal: "own" } },
    ...{ hasLongHistory: false, hasUserId: false },
  };
}

type Vectors = Omit<VariantRow, "variant" | "subject" | "role">;

const none: Vectors = {
  origin: "none",
  ...{ vectorsOf: null, deal: null, textsOf: null, importedFrom: null },
  ...{ strategy: null, rounds: null, samples: null, actor: null, reflector: null },
  ...{ protocol: null, contexts: null },
};

function vectorsOf(
  { vectors }: Variant,
  subject: Subject,
  settings: Known,
  imported: ImportedRuns,
): Vectors {
  const known = { protocol: settings.protocol, contexts: JSON.stringify(settings.contexts) };
  if (vectors === null) return { ...none, ...known };
  const { source } = vectors;
  const dealt = { vectorsOf: source.name, deal: vectors.deal };
  switch (source.kind) {
    case "stats":
      return { ...none, ...known, ...dealt, origin: "statistics" };
    case "knowledge":
      return {
        ...none,
        ...known,
        ...dealt,
        origin: "knowledge",
        ...textsOf(source.name, subject, settings),
      };
    case "files": {
      const isGiven = (subject === "user" ? source.users : source.items) !== undefined;
      if (!isGiven) return { ...none, ...known };
      const run = imported.get(source.name)?.[subject];
      const isPassedOn = run?.settings.resolved.sources.some(
        ({ kind, name }) => kind === "files" && name === run.variant,
      );
      if (run === undefined || isPassedOn) return { ...none, ...dealt, origin: "unknown" };
      return {
        ...{ ...none, ...known, ...dealt, origin: "run", importedFrom: run.settings.name },
        ...textsOf(run.variant, subject, run.settings),
      };
    }
  }
}

/** How the texts behind a variant's vectors came to be; nothing where there are none, as behind vectors that were imported themselves. */
function textsOf(
  name: string,
  subject: Subject,
  { resolved }: Pick<PipelineSettings, "resolved">,
): Partial<Vectors> {
  const texts =
    resolved.vectors.find((made) => made.name === name)?.texts ??
    resolved.texts.find((made) => made.name === name);
  if (texts === undefined) return {};
  const { strategy, rounds, samples, actor, reflector } = sideSettings(texts.knowledge, subject);
  return {
    ...{ textsOf: texts.name, strategy, actor: playerOf(actor) },
    rounds: strategy === "iterate" ? rounds : null,
    samples: strategy === "filter" ? samples : null,
    reflector: hasReflector(strategy) ? playerOf(reflector) : null,
  };
}

function playerOf(role: RoleSettings): VariantRow["actor"] {
  return asksModel(role)
    ? {
        ...{ provider: role.provider, model: modelOf(role) },
        sampling: canonicalJson(toJson(samplingOf(role))),
      }
    : { provider: role.provider, model: null, sampling: null };
}

/** A role's model with its adapter, as the settings name them. */
function modelOf({ model, ...more }: ChatSettings): string {
  return "adapter" in more && more.adapter !== undefined
    ? `${model} with adapter ${more.adapter}`
    : model;
}
