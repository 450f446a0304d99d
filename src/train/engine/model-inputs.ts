/**
 * @file The single definition of a model's inputs and of the arrays they are computed from. Batches, checks, feeds, exported models
 * and their cards all follow from {@link modelInputs}.
 *
 * Letters: `B` = batch size, `S` = places for attribute values of an item, `H` = history length, `G` = user features, `U`, `V` =
 * widths of the user's and the item's knowledge vector, `N`, `M` = values of the items' and the events' long attributes.
 */
import type { Shape } from "../../autodiff/ops.ts";
import { elements } from "../../base/element-count.ts";
import { isLong, longAttributes } from "../../models/layers/embedding/long-attributes.ts";
import type { ModelShape } from "../../models/model.ts";

/** The sizes of a model that determine the row length of each array. */
export type RowSizes = Pick<
  ModelShape,
  "attributeSlots" | "listedValues" | "history" | "userFeatures" | "isWeighted" | "knowledge"
>;

export interface InputDefinition {
  /** Ids and counts are int32, the rest is float32. */
  readonly type: "int32" | "float32";
  /** Sizes after the first; undefined if models of this shape have no such array. */
  readonly rowShape: (sizes: RowSizes) => Shape | undefined;
  /** The first size, if it is not the batch's. */
  readonly length?: InputLength;
  /** Largest allowed id or count; the smallest is 0. Absent for other numbers. */
  readonly highest?: (shape: ModelShape) => number;
  /** samples = part of each sample; joined = looked up by user or item; derived = computed from other arrays. */
  readonly source: "samples" | "joined" | "derived";
  /** model = the graph; loss = only the training loss; derivation = only the arrays derived from it. */
  readonly readBy: "model" | "loss" | "derivation";
  /** Its content, for the card of an exported model; absent if exported models are not fed it. */
  readonly meaning?: string;
}

/** A size that differs from batch to batch. */
interface InputLength {
  readonly name: string;
  /** A size to expect. */
  readonly example: (shape: RowSizes & Pick<ModelShape, "batchSize">) => number;
}

/** Values of long attributes, of the items to be scored. */
const itemLists: InputLength = {
  name: "item list values",
  example: (shape) => Math.ceil(shape.batchSize * listedValues(shape)),
};

/** Values of long attributes, of the events. */
const eventLists: InputLength = {
  name: "event list values",
  example: (shape) => Math.ceil(shape.batchSize * shape.history * listedValues(shape)),
};

const definitions = {
  /** Shape `[B]`. */
  items: {
    type: "int32",
    rowShape: () => [],
    highest: ({ items }) => items,
    source: "samples",
    readBy: "model",
    meaning: "item to be scored",
  },
  /** Shape `[B, S]`; 0 = the item has no further value. */
  attributes: {
    type: "int32",
    rowShape: (shape) => [slotsOf(shape)],
    highest: ({ attributeValues }) => attributeValues,
    source: "joined",
    readBy: "model",
    meaning: "attribute values of that item",
  },
  /** Shape `[B, H]`, oldest first, padded on the right with 0. */
  historyItems: {
    type: "int32",
    rowShape: ({ history }) => [history],
    highest: ({ items }) => items,
    source: "samples",
    readBy: "model",
    meaning: "items of the user's history",
  },
  /** Shape `[B, H, S]`. */
  historyAttributes: {
    type: "int32",
    rowShape: (shape) => [shape.history, slotsOf(shape)],
    highest: ({ attributeValues }) => attributeValues,
    source: "joined",
    readBy: "model",
    meaning: "attribute values of these items",
  },
  /** Shape `[B, H]`: index of the rating value, from 1; 0 = padding. */
  historyRatings: {
    type: "int32",
    rowShape: ({ history }) => [history],
    highest: ({ ratings }) => ratings,
    source: "samples",
    readBy: "model",
    meaning: "ratings the user gave them",
  },
  /** Shape `[B, H]`: 1 / length for an event, 0 for padding. */
  historyWeights: {
    type: "float32",
    rowShape: ({ history }) => [history],
    source: "derived",
    readBy: "model",
  },
  /** Shape `[B, H]`: 1 for an event, 0 for padding. */
  historyMask: {
    type: "float32",
    rowShape: ({ history }) => [history],
    source: "derived",
    readBy: "model",
  },
  /** Shape `[B]`: 1 / rows that count; 0 for the filler rows of a short batch. */
  rowWeights: { type: "float32", rowShape: () => [], source: "derived", readBy: "model" },
  /** Shape `[B]`: each row's share of the batch's weight; all 0 if the batch has none. */
  lossWeights: {
    type: "float32",
    rowShape: ({ isWeighted }) => (isWeighted ? [] : undefined),
    source: "derived",
    readBy: "model",
  },
  /** Shape `[B, S]`: 1 / number of the item's values of that attribute, 0 for no value. */
  attributeWeights: {
    type: "float32",
    rowShape: (shape) => (isMultiValued(shape) ? [slotsOf(shape)] : undefined),
    source: "derived",
    readBy: "model",
  },
  /** Shape `[B, H, S]`, as `attributeWeights`. */
  historyAttributeWeights: {
    type: "float32",
    rowShape: (shape) => (isMultiValued(shape) ? [shape.history, slotsOf(shape)] : undefined),
    source: "derived",
    readBy: "model",
  },
  /** Shape `[N]`: the items' values of long attributes, see `ValueLists`; absent in models without long attributes. */
  attributeListIds: {
    type: "int32",
    rowShape: (shape) => (hasLists(shape) ? [] : undefined),
    length: itemLists,
    source: "derived",
    readBy: "model",
  },
  /** Shape `[N]`: whose values they are. */
  attributeListOwners: {
    type: "int32",
    rowShape: (shape) => (hasLists(shape) ? [] : undefined),
    length: itemLists,
    source: "derived",
    readBy: "model",
  },
  /** Shape `[N, 1]`: 1 / number of the owner's values. */
  attributeListWeights: {
    type: "float32",
    rowShape: (shape) => (hasLists(shape) ? [1] : undefined),
    length: itemLists,
    source: "derived",
    readBy: "model",
  },
  /** Shape `[M]`, as `attributeListIds`, of the events. */
  historyAttributeListIds: {
    type: "int32",
    rowShape: (shape) => (hasLists(shape) ? [] : undefined),
    length: eventLists,
    source: "derived",
    readBy: "model",
  },
  /** Shape `[M]`. */
  historyAttributeListOwners: {
    type: "int32",
    rowShape: (shape) => (hasLists(shape) ? [] : undefined),
    length: eventLists,
    source: "derived",
    readBy: "model",
  },
  /** Shape `[M, 1]`. */
  historyAttributeListWeights: {
    type: "float32",
    rowShape: (shape) => (hasLists(shape) ? [1] : undefined),
    length: eventLists,
    source: "derived",
    readBy: "model",
  },
  /** Shape `[B, G]`; absent in models without user features. */
  userFeatures: {
    type: "int32",
    rowShape: ({ userFeatures }) => userFeatures && [userFeatures.fields],
    highest: ({ userFeatures }) => userFeatures?.values ?? 0,
    source: "joined",
    readBy: "model",
    meaning: "features of the user: numbered feature by feature from 1, 0 = unknown",
  },
  /** Shape `[B, U]`; absent in models without user vectors. */
  userVectors: {
    type: "float32",
    rowShape: ({ knowledge }) => vectorShape(knowledge?.userDim),
    source: "joined",
    readBy: "model",
    meaning: "knowledge about the user",
  },
  /** Shape `[B, V]`; absent in models without item vectors. */
  itemVectors: {
    type: "float32",
    rowShape: ({ knowledge }) => vectorShape(knowledge?.itemDim),
    source: "joined",
    readBy: "model",
    meaning: "knowledge about the item to be scored",
  },
  /** Shape `[B]`: events in the history, 0 to H. */
  historyLengths: {
    type: "int32",
    rowShape: () => [],
    highest: ({ history }) => history,
    source: "samples",
    readBy: "derivation",
    meaning: "events in the history",
  },
  /** Shape `[B]`, 0 or 1. */
  labels: { type: "float32", rowShape: () => [], source: "samples", readBy: "loss" },
  /** Shape `[B]`: each row's weight in the loss, at least 0; absent if all count the same. */
  weights: {
    type: "float32",
    rowShape: ({ isWeighted }) => (isWeighted ? [] : undefined),
    source: "samples",
    readBy: "derivation",
  },
} as const satisfies Readonly<Record<string, InputDefinition>>;

type Definitions = typeof definitions;

/** Name of one of {@link modelInputs}. */
export type InputName = keyof Definitions;

/** Every array by name, in the order of the graph's nodes. */
export const modelInputs: Readonly<Record<InputName, InputDefinition>> = definitions;

type NameWhere<Rule> = {
  [Name in InputName]: Definitions[Name] extends Rule ? Name : never;
}[InputName];

type OptionalName = {
  [Name in InputName]: undefined extends ReturnType<Definitions[Name]["rowShape"]> ? Name : never;
}[InputName];

/** Arrays that the samples hold, row by row. */
export type SampleName = NameWhere<{ source: "samples" }>;
/** Arrays that are looked up by user or item. */
export type JoinedName = NameWhere<{ source: "joined" }>;
/** Arrays that a batch brings. */
export type BatchName = SampleName | JoinedName;
/** Arrays that are computed from those of a batch. */
export type DerivedName = NameWhere<{ source: "derived" }>;
/** Arrays whose length differs from batch to batch. */
export type ListName = NameWhere<{ length: InputLength }>;
/** Arrays that a model's graph reads. */
export type GraphName = NameWhere<{ readBy: "model" }>;

/** A value per name; optional for arrays that not every model has. */
export type PerInput<Name extends InputName, Values extends Record<Name, unknown>> = {
  readonly [Key in keyof Pick<Definitions, Exclude<Name, OptionalName>>]: Values[Key];
} & {
  readonly [Key in keyof Pick<Definitions, Extract<Name, OptionalName>>]?: Values[Key];
};

/** A typed array per name. */
export type ArraysOf<Name extends InputName> = PerInput<
  Name,
  {
    readonly [Key in Name]: Definitions[Key]["type"] extends "int32" ? Int32Array : Float32Array;
  }
>;

const inputNames = Object.keys(definitions) as readonly InputName[];

/** See {@link SampleName}. */
export const sampleNames = inputNames.filter(
  (name): name is SampleName => modelInputs[name].source === "samples",
);
/** See {@link JoinedName}. */
export const joinedNames = inputNames.filter(
  (name): name is JoinedName => modelInputs[name].source === "joined",
);
/** See {@link BatchName}. */
export const batchNames = inputNames.filter(
  (name): name is BatchName => modelInputs[name].source !== "derived",
);
/** Derived arrays with a row per row of the batch. */
export const derivedNames = inputNames.filter(
  (name): name is Exclude<DerivedName, ListName> =>
    modelInputs[name].source === "derived" && modelInputs[name].length === undefined,
);
/** See {@link GraphName}. */
export const graphNames = inputNames.filter(
  (name): name is GraphName => modelInputs[name].readBy === "model",
);
/** Arrays that a model's graph or its loss reads. */
export const fedNames = inputNames.filter((name) => modelInputs[name].readBy !== "derivation");
/** Arrays that an exported model may be fed. */
export const servedNames = inputNames.filter((name) => modelInputs[name].meaning !== undefined);

/** An array with its sizes; the first is the batch's, or an example of one that differs from batch to batch. */
export interface InputSpec {
  readonly name: InputName;
  readonly type: InputDefinition["type"];
  readonly shape: Shape;
  /** The name of the first size, where it differs. */
  readonly length?: string;
}

/** The named arrays, except those that a model of this shape does not have. */
export function inputSpecs(
  shape: RowSizes & Pick<ModelShape, "batchSize">,
  names: readonly InputName[],
): readonly InputSpec[] {
  return names.flatMap((name) => {
    const { type, rowShape, length } = modelInputs[name];
    const sizes = rowShape(shape);
    if (sizes === undefined) return [];
    if (length === undefined) return [{ name, type, shape: [shape.batchSize, ...sizes] }];
    return [{ name, type, shape: [length.example(shape), ...sizes], length: length.name }];
  });
}

/** Arrays of zeros for `rows` rows, except those that a model of these sizes does not have. */
export function emptyArrays<Name extends InputName>(
  names: readonly Name[],
  rows: number,
  sizes: RowSizes,
): ArraysOf<Name> {
  const arrays: Partial<Record<InputName, Int32Array | Float32Array>> = {};
  for (const name of names) {
    const { type, rowShape } = modelInputs[name];
    const row = rowShape(sizes);
    if (row === undefined) continue;
    const length = rows * elements(row);
    arrays[name] = type === "int32" ? new Int32Array(length) : new Float32Array(length);
  }
  return arrays as ArraysOf<Name>;
}

/** Whether models of this shape sum attribute values as lists. */
export function hasLists({ attributeSlots }: Pick<ModelShape, "attributeSlots">): boolean {
  return longAttributes(attributeSlots) > 0;
}

/** How many values of long attributes to assume per item. */
function listedValues({
  attributeSlots,
  listedValues: known = Infinity,
}: Pick<ModelShape, "attributeSlots" | "listedValues">): number {
  return Math.min(known, slotsOf({ attributeSlots: attributeSlots.filter(isLong) }));
}

/** `S`: places for attribute values of an item. */
export function slotsOf({ attributeSlots }: Pick<ModelShape, "attributeSlots">): number {
  return attributeSlots.reduce((total, places) => total + places, 0);
}

function isMultiValued({ attributeSlots }: RowSizes): boolean {
  return attributeSlots.some((places) => places > 1);
}

function vectorShape(width: number | undefined): Shape | undefined {
  return width === undefined ? undefined : [width];
}
