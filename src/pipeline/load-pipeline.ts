import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { LineCounter, isMap, parse, parseDocument } from "yaml";
import { z } from "zod";
import { FlowError, reasonOf } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { pipelineSettings, type PipelineSettings } from "./settings.ts";

/**
 * Reads a pipeline file, applies `a.b=c` overrides (values are YAML) and checks everything.
 * A relative `dataset.path` is taken from the current folder.
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
  const document = parseDocument(text, { lineCounter: lines });
  const [fault] = document.errors;
  if (fault !== undefined) throw new FlowError("CONFIG_INVALID", `${file}: ${fault.message}`);
  if (document.contents !== null && !isMap(document.contents)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `${file}: expected settings such as "protocol: leakfree"`,
    );
  }
  for (const override of overrides) {
    const [, path, value] = /^([\w.-]+)=(.*)$/s.exec(override) ?? [];
    if (path === undefined || value === undefined) {
      throw new FlowError(
        "CONFIG_INVALID",
        `--set ${override}: expected key=value, such as --set train.epochs=5`,
      );
    }
    try {
      document.setIn(path.split("."), document.createNode(parse(value)));
    } catch (error) {
      throw new FlowError("CONFIG_INVALID", `--set ${override}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }
  const checked = pipelineSettings.safeParse(document.toJS() ?? {});
  if (!checked.success) {
    const problems = checked.error.issues.flatMap((issue) => {
      const node = document.getIn(issue.path, true);
      const range = (node as { range?: readonly number[] } | undefined)?.range;
      const line = range?.[0] === undefined ? "" : `:${String(lines.linePos(range[0]).line)}`;
      return explain(issue).map((problem) => `${file}${line}: ${problem}`);
    });
    throw new FlowError("CONFIG_INVALID", problems.join("\n"));
  }
  const { dataset } = checked.data;
  if (!("path" in dataset)) return checked.data;
  return { ...checked.data, dataset: { ...dataset, path: resolve(dataset.path) } };
}

type Issue = z.core.$ZodIssue;

function explain(issue: Issue): readonly string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...path, key], knownKeys(path)));
  }
  return [`${path.join(".") || "the file"}: ${issue.message}`];
}

function unknownKey(path: readonly string[], known: readonly string[]): string {
  const meant = nearest(path.at(-1) ?? "", known);
  const cure =
    meant === undefined
      ? `known: ${known.join(", ")}`
      : `did you mean ${[...path.slice(0, -1), meant].join(".")}?`;
  return `unknown setting ${path.join(".")}; ${cure}`;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, ObjectSchema>> | undefined;
  readonly anyOf?: readonly ObjectSchema[] | undefined;
  readonly oneOf?: readonly ObjectSchema[] | undefined;
}

/** The settings allowed at a place of the file, by its JSON Schema. */
function knownKeys(path: readonly string[]): readonly string[] {
  let places: readonly ObjectSchema[] = [pipelineJsonSchema() as ObjectSchema];
  for (const key of path) {
    places = places.flatMap(alternatives).flatMap((place) => place.properties?.[key] ?? []);
  }
  return [
    ...new Set(
      places.flatMap(alternatives).flatMap((place) => Object.keys(place.properties ?? {})),
    ),
  ];
}

function alternatives(schema: ObjectSchema): readonly ObjectSchema[] {
  return [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
}

/** JSON Schema of a pipeline file, for editors. */
export function pipelineJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(pipelineSettings, { io: "input" });
}
