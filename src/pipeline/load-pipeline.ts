import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { LineCounter, isMap, isNode, parse, parseDocument, type Document, type Node } from "yaml";
import { sourceOf } from "../dataset/sources/registry.ts";
import { FlowError, reasonOf } from "../base/errors.ts";
import type { z } from "zod";
import { givenAdapters } from "./elsewhere/played-adapters.ts";
import { adapterFaults, elsewhereFaults } from "./finetune-contradictions.ts";
import { explainIssue, type Problem, type SettingsSchema } from "./explain-issue.ts";
import { settingsSchema } from "./json-schema.ts";
import { variantProblems } from "./variants/variant-problems.ts";
import { repeatedKey } from "./repeated-key.ts";
import { resolveSettings } from "./resolve-settings.ts";
import {
  defaultDataset,
  pipelineSettings,
  type PipelineFile,
  type PipelineSettings,
} from "./settings.ts";

/**
 * Reads a pipeline file, applies `a.b=c` overrides (values are YAML) and checks everything.
 * Relative paths of `dataset`, `knowledge.cache`, `finetune.base`, paths of `finetune.adapters`, `encode.cache`, `encode.vectors` and `train.variants` are resolved
 * against the current folder.
 *
 * @throws `CONFIG_INVALID` naming the file, the line or override, the key, and the nearest known key where one is unknown
 */
export async function loadPipeline(
  file: string,
  overrides: readonly string[] = [],
): Promise<PipelineSettings> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new FlowError(
      "CONFIG_INVALID",
      `cannot read the pipeline file ${file}: ${reasonOf(error)}`,
      { cause: error },
    );
  });
  return parsePipeline(text, file, overrides);
}

/** {@link loadPipeline} on a text. `file` is for messages. */
export function parsePipeline(
  text: string,
  file: string,
  overrides: readonly string[] = [],
): PipelineSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const line = lines.linePos(fault.pos[0]).line;
    throw new FlowError("CONFIG_INVALID", `${file}:${line}: ${fault.message.trimEnd()}`);
  }
  const repeated = repeatedKey(document);
  if (repeated !== undefined) {
    const { line } = lines.linePos(repeated.range?.[0] ?? 0);
    throw new FlowError(
      "CONFIG_INVALID",
      `${file}:${line}: Map keys must be unique: "${String(repeated.value)}" is there twice`,
    );
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `${file}: expected settings such as "protocol: leakfree"`,
    );
  }
  // Written out, so that overrides such as dataset.viewers=100 find it.
  if (!document.has("dataset")) document.set("dataset", document.createNode(defaultDataset));
  const applied = overrides.map((override) => applyOverride(document, override));
  dropFormerSettings(document);
  const given = plainSettings(document, file);
  const checked = pipelineSettings.safeParse(given);
  const explain = explainer();
  const problems = checked.success
    ? variantProblems(
        { ...checked.data, variants: checked.data.train.variants },
        // A variant's settings are checked as a `knowledge` block.
        (issue, knowledge) =>
          explain({ ...issue, path: ["knowledge", ...issue.path] }, { knowledge }),
      )
    : checked.error.issues.flatMap((issue) => explain(issue, given));
  if (!checked.success || problems.length > 0) {
    const told = problems.map(({ path, message }) => {
      const override = applied.findLast((candidate) => startsWith(path, candidate.path));
      const line = lineOf(document, lines, path);
      return `${override?.text ?? (line === undefined ? file : `${file}:${line}`)}: ${message}`;
    });
    throw new FlowError("CONFIG_INVALID", told.join("\n"));
  }
  const settings = withDomainWords(withAbsolutePaths(checked.data));
  const resolved = resolveSettings(settings);
  refuseUntrained(resolved, settings, file);
  const { finetune } = settings;
  if (finetune?.adapters === undefined) return { ...settings, resolved };
  const adapters = givenAdapters(resolved.played);
  return { ...settings, finetune: { ...finetune, adapters }, resolved };
}

/** Explains issues by the schema of the settings, which is made when the first one comes. */
function explainer(): (issue: z.core.$ZodIssue, given: unknown) => readonly Problem[] {
  let schema: SettingsSchema | undefined;
  return (issue, given) => explainIssue(issue, (schema ??= settingsSchema()), given);
}

/**
 * `runtime.executor` once had the one value `local`, and `knowledge.nouns` were two settings of their own; files and run folders of that
 * time still hold them.
 */
function dropFormerSettings(document: Document): void {
  const former = ["runtime", "executor"];
  if (document.getIn(former) === "local") document.deleteIn(former);
  for (const [name, noun] of [
    ["itemNoun", "item"],
    ["personNoun", "user"],
  ] as const) {
    const value: unknown = document.getIn(["knowledge", name]);
    if (value === undefined || document.hasIn(["knowledge", "nouns", noun])) continue;
    document.deleteIn(["knowledge", name]);
    document.setIn(["knowledge", "nouns", noun], value);
  }
}

/** What the file leaves unsaid of the words for items, users and events, the source says. */
function withDomainWords(settings: PipelineFile): PipelineFile {
  const { dataset, knowledge } = settings;
  const { nouns, ...more } = sourceOf(dataset).words(dataset);
  return {
    ...settings,
    knowledge: { ...more, ...knowledge, nouns: { ...nouns, ...knowledge.nouns } },
  };
}

function withAbsolutePaths(settings: PipelineFile): PipelineFile {
  const { dataset, knowledge, finetune, encode, train } = settings;
  return {
    ...settings,
    train: {
      ...train,
      variants: train.variants.map((variant) =>
        typeof variant === "string"
          ? variant
          : {
              ...variant,
              ...(variant.items !== undefined && { items: resolve(variant.items) }),
              ...(variant.users !== undefined && { users: resolve(variant.users) }),
            },
      ),
    },
    dataset: sourceOf(dataset).withAbsolutePaths(dataset),
    ...(finetune !== undefined && { finetune: { ...finetune, base: absoluteBase(finetune) } }),
    encode: {
      ...encode,
      ...(encode.cache !== undefined && { cache: resolve(encode.cache) }),
      ...(encode.vectors !== undefined && { vectors: resolve(encode.vectors) }),
    },
    knowledge:
      knowledge.cache === undefined ? knowledge : { ...knowledge, cache: resolve(knowledge.cache) },
  };
}

/** The path of a base model; a trainer elsewhere knows it by a name, unless it begins like a path. */
function absoluteBase({ base, elsewhere }: NonNullable<PipelineFile["finetune"]>): string {
  return elsewhere === undefined || /^[./]/u.test(base) ? resolve(base) : base;
}

/**
 * Refuses a variant whose roles are played with adapters that nobody trains, and what contradicts a training elsewhere; faults of the
 * block itself are refused by now.
 */
function refuseUntrained(
  { texts, played }: Pick<PipelineSettings["resolved"], "texts" | "played">,
  { finetune }: Pick<PipelineFile, "finetune">,
  file: string,
): void {
  for (const { name, knowledge } of texts) {
    for (const { path, message } of adapterFaults(knowledge, finetune)) {
      const where = `variant ${name}: ${path.join(".")}`;
      throw new FlowError("CONFIG_INVALID", `${file}: ${where}: ${message}`);
    }
  }
  const [fault] = elsewhereFaults(finetune, played);
  if (fault === undefined) return;
  throw new FlowError("CONFIG_INVALID", `${file}: ${fault.path.join(".")}: ${fault.message}`);
}

interface Override {
  /** As the user wrote it. */
  readonly text: string;
  readonly path: readonly string[];
}

function applyOverride(document: Document, override: string): Override {
  const text = `--set ${override}`;
  const [, key, value] = /^([\w.-]+)=(.*)$/s.exec(override) ?? [];
  if (key === undefined || value === undefined) {
    throw new FlowError(
      "CONFIG_INVALID",
      `${text}: expected key=value, such as --set train.epochs=5`,
    );
  }
  const path = key.split(".");
  try {
    document.setIn(path, document.createNode(parse(value)));
  } catch (error) {
    throw new FlowError("CONFIG_INVALID", `${text}: ${reasonOf(error)}`, { cause: error });
  }
  return { text, path };
}

function plainSettings(document: Document, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    throw new FlowError("CONFIG_INVALID", `${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((key, index) => path[index] === key);
}

/** The line of a setting's key or list element, or of what it would belong to when it is missing. */
function lineOf(
  document: Document,
  lines: LineCounter,
  path: readonly string[],
): number | undefined {
  if (path.length === 0) return undefined;
  const parent = document.getIn(path.slice(0, -1), true);
  const node = isMap<Node>(parent)
    ? parent.items.find((pair) => String(pair.key) === path.at(-1))?.key
    : document.getIn(path, true);
  const start = isNode(node) ? node.range?.[0] : undefined;
  return start === undefined
    ? lineOf(document, lines, path.slice(0, -1))
    : lines.linePos(start).line;
}
