import { anchor, code, markdownTable, prose } from "./markdown.ts";
import { typeOf, type JsonSchema } from "./schema-type.ts";

/** A setting at its place: what its row of the page says. */
interface Setting {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/** A setting that has several forms, told apart by one key with a fixed value each, such as `provider: openai`. */
interface Choice {
  readonly key: string;
  /** The forms by that value. */
  readonly forms: ReadonlyMap<string, JsonSchema>;
}

/** Places that have been described: JSON of a schema to its heading. */
type Described = Map<string, string>;

/** docs/settings.md from the JSON Schema of a pipeline file. */
export function settingsPage(pipeline: JsonSchema): string {
  const described: Described = new Map();
  const blocks = Object.entries(pipeline.properties ?? {});
  const isBlock = ([, schema]: (typeof blocks)[number]): boolean =>
    schema.properties !== undefined || choiceOf(schema) !== null;
  return [
    "# Settings",
    "<!-- Written by `npm run docs` from the settings' schema. Do not edit. -->",
    "Every key of a pipeline file. All have defaults except those marked **required**, so a file says only what it changes; " +
      "`--set a.b=c` overrides any key. Lists and blocks are YAML: `--set train.seeds=[1,2]`. Editors complete keys from the " +
      "JSON Schema that `npx r4ec schema` prints.",
    "## The file",
    settingsTable(
      blocks
        .filter((block) => !isBlock(block))
        .map(([key, schema]) => settingOf(pipeline, key, schema)),
    ),
    ...blocks.filter(isBlock).flatMap(([key, schema]) => section(key, schema, 2, described)),
  ].join("\n\n");
}

/** A block under a heading of its own, then the blocks in it that have several forms. */
function section(
  path: string,
  schema: JsonSchema,
  level: number,
  described: Described,
): readonly string[] {
  const title = `${"#".repeat(level)} ${path}`;
  const about = schema.description === undefined ? [] : [prose(schema.description)];
  const choice = choiceOf(schema);
  if (choice !== null) {
    for (const form of choice.forms.values()) described.set(identityOf(form), path);
    return [title, ...about, choiceTable(path, choice)];
  }
  const settings = settingsIn(path, schema);
  const sections: string[] = [];
  for (const inner of settings) {
    if (!hasOwnSection(inner) || knownAs(inner.schema, described) !== null) continue;
    sections.push(...section(inner.path, inner.schema, 3, described));
  }
  described.set(identityOf(schema), path);
  // Last: its links lead to the sections just described.
  return [title, ...about, settingsTable(settings, described), ...sections];
}

/** The settings of a block with those of its plain inner blocks, depth first. */
function settingsIn(path: string, schema: JsonSchema): readonly Setting[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const setting = settingOf(schema, key, inner, path);
    if (hasOwnSection(setting)) return [setting];
    return [setting, ...blocksIn(setting.path, inner).flatMap((block) => settingsIn(...block))];
  });
}

/** The blocks that a setting's value may be or hold, with their paths: `[]` is a place in a list, `*` any key of a map. */
function blocksIn(path: string, schema: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  const { properties, items, anyOf = [], additionalProperties } = schema;
  return [
    ...(properties === undefined ? [] : [[path, schema] as const]),
    ...(items === undefined ? [] : blocksIn(`${path}[]`, items)),
    ...anyOf.flatMap((form) => blocksIn(path, form)),
    ...(typeof additionalProperties === "object"
      ? blocksIn(`${path}.*`, additionalProperties)
      : []),
  ];
}

function settingOf(parent: JsonSchema, key: string, schema: JsonSchema, path?: string): Setting {
  return {
    path: path === undefined ? key : `${path}.${key}`,
    schema,
    isRequired: parent.required?.includes(key) ?? false,
  };
}

/** Blocks with several forms, and blocks that hold such a block. */
function hasOwnSection({ schema }: Pick<Setting, "schema">): boolean {
  return (
    choiceOf(schema) !== null ||
    Object.values(schema.properties ?? {}).some((inner) => choiceOf(inner) !== null)
  );
}

function settingsTable(settings: readonly Setting[], described: Described = new Map()): string {
  const rows = settings.map((setting) => [
    code(setting.path),
    hasOwnSection(setting) ? linkTo(setting, described) : typeOf(setting.schema),
    defaultOf(setting),
    meaningOf(setting.schema),
  ]);
  return markdownTable(["key", "type", "default", "meaning"], rows);
}

function linkTo({ path, schema }: Setting, described: Described): string {
  const heading = knownAs(schema, described) ?? path;
  return `${heading === path ? "see" : "as"} [${heading}](#${anchor(heading)})`;
}

/** The settings of all forms, each with the forms that have it. */
function choiceTable(path: string, { key, forms }: Choice): string {
  const rows = new Map<string, { readonly setting: Setting; readonly names: string[] }>();
  for (const [name, form] of forms) {
    for (const setting of settingsIn(path, form)) {
      if (setting.path === `${path}.${key}`) continue;
      const identity = JSON.stringify([setting.path, setting.isRequired, setting.schema]);
      const row = rows.get(identity) ?? { setting, names: [] };
      row.names.push(name);
      rows.set(identity, row);
    }
  }
  const options = [...forms].map(([name, form]) => {
    const about = form.properties?.[key]?.description;
    return `- ${code(`${key}: ${name}`)}${about === undefined ? "" : `: ${prose(about)}`}`;
  });
  const table = markdownTable(
    ["key", key, "type", "default", "meaning"],
    [...rows.values()].map(({ setting, names }) => [
      code(setting.path),
      names.length === forms.size ? "all" : names.map(code).join(", "),
      typeOf(setting.schema),
      defaultOf(setting),
      meaningOf(setting.schema),
    ]),
  );
  return `${options.join("\n")}\n\n${table}`;
}

/** The key that tells the forms of a schema apart; null when it has a single form. */
function choiceOf({ oneOf = [] }: JsonSchema): Choice | null {
  const [first] = oneOf;
  const key = Object.keys(first?.properties ?? {}).find((name) =>
    oneOf.every((form) => form.properties?.[name]?.const !== undefined),
  );
  if (key === undefined) return null;
  return {
    key,
    forms: new Map(oneOf.map((form) => [String(form.properties?.[key]?.const), form])),
  };
}

/** The heading under which all forms of the schema are described already; null when some are new. */
function knownAs(schema: JsonSchema, described: Described): string | null {
  const parts = [...(choiceOf(schema)?.forms.values() ?? [schema])];
  const headings = new Set(parts.map((part) => described.get(identityOf(part))));
  const [heading] = headings;
  return headings.size === 1 ? (heading ?? null) : null;
}

/** What a schema accepts, whatever its description and default are. */
function identityOf(schema: JsonSchema): string {
  return JSON.stringify({ ...schema, description: undefined, default: undefined });
}

function meaningOf({ description, items }: JsonSchema): string {
  return prose(description ?? items?.description ?? "");
}

function defaultOf({ schema, isRequired }: Setting): string {
  if (isRequired) return "**required**";
  const { default: value } = schema;
  if (value === undefined || JSON.stringify(value) === "{}") return "";
  return code(JSON.stringify(value));
}
