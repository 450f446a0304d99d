import { writeFile } from "node:fs/promises";
import { nodeMessage, tensor } from "../format/model-messages.ts";
import {
  readOnnxModel,
  type OpaqueField,
  type StoredModel,
  type StoredNode,
  type StoredTensor,
} from "../format/model-reader.ts";
import { encodeMessage, messageWriter, type MessageWriter } from "../format/protobuf-writer.ts";
import { quantizeColumns, quantizeRows, type QuantizedWeights } from "./quantize-weights.ts";
import {
  weightReader,
  weightWriter,
  type WeightReader,
  type WeightWriter,
} from "./weight-files.ts";

/** Incremented whenever the written files change. */
export const quantizerVersion = 1;

const float32 = 1; // TensorProto.DataType
/** Smaller tables are not worth quantising. */
const fewestRows = 1024;
/** Constants whose message is at most this long stay in the model file. */
const inlineBytes = 4096;
/** The first operator set with DynamicQuantizeLinear. */
const firstOpset = 11;

/**
 * Writes a model with 8-bit weights: matrices of products with one scale per column, embedding tables with one per row. The other
 * factor of a product is quantised at run time. Everything else, such as attention and normalisation, stays in float32. Weights are read
 * one at a time, so that memory grows with the largest matrix, not with the model.
 *
 * The operators are standard ONNX, in the pattern that onnxruntime fuses into one kernel. Sums of large products may saturate on
 * processors without 8-bit dot products (VNNI, Arm's dot product).
 *
 * @param source - Model file, absolute path; its weights may be in files next to it
 * @param target - Model file to write; the weights go to `<target>_data`
 * @returns Number of quantised products and look-ups
 * @throws Error if the source is not an ONNX model, or has no product with float32 weights
 */
export async function quantizeModel(source: string, target: string): Promise<number> {
  const model = readOnnxModel(source);
  if ((model.opsets.get("") ?? 0) < firstOpset) {
    throw new Error(`the model's operators are older than version ${firstOpset}`);
  }
  const plan = planQuantization(model);
  if (plan.size === 0) throw new Error("the model has no product with float32 weights");
  const reader = weightReader(source);
  const writer = await weightWriter(`${target}_data`);
  try {
    const graph = messageWriter();
    await addInitializers(graph, model, plan, reader, writer);
    addNodes(graph, model, plan);
    for (const field of model.graphRest) addField(graph, field);
    const whole = messageWriter().message(7, graph);
    for (const field of model.modelRest) addField(whole, field);
    for (const [domain, version] of model.opsets) {
      whole.message(8, messageWriter().text(1, domain).integer(2, version));
    }
    await writeFile(target, encodeMessage(whole), { flush: true });
    return plan.size;
  } finally {
    await reader.close();
    await writer.close();
  }
}

/** What replaces a node: a product of integers, or a look-up of integers. */
type Replacement = { readonly kind: "product" | "lookUp"; readonly weight: StoredTensor };
type Plan = ReadonlyMap<StoredNode, Replacement>;

/** A weight is only replaced if all its users can work with integers. */
function planQuantization({ nodes, initializers }: StoredModel): Plan {
  const weights = new Map(initializers.map((weight) => [weight.name, weight]));
  const wanted = nodes.map((node) => [node, replacementOf(node, weights)] as const);
  const kinds = new Map<string, Set<string>>();
  for (const [node, replacement] of wanted) {
    for (const input of node.inputs) {
      const use = replacement?.weight.name === input ? replacement.kind : "as it is";
      kinds.set(input, (kinds.get(input) ?? new Set()).add(use));
    }
  }
  return new Map(
    wanted.flatMap(([node, replacement]) =>
      replacement !== null && kinds.get(replacement.weight.name)?.size === 1
        ? [[node, replacement]]
        : [],
    ),
  );
}

function replacementOf(
  { opType, domain, inputs: [first = "", second = ""], integers }: StoredNode,
  weights: ReadonlyMap<string, StoredTensor>,
): Replacement | null {
  const [kind, weight] =
    opType === "MatMul"
      ? (["product", weights.get(second)] as const)
      : (["lookUp", opType === "Gather" ? weights.get(first) : undefined] as const);
  if (weight === undefined || domain !== "") return null;
  const { type, shape, values } = weight;
  if (type !== float32 || shape.length !== 2 || values === null) return null;
  const isRowTable = (integers.get("axis") ?? 0) === 0 && (shape[0] ?? 0) >= fewestRows;
  return kind === "product" || isRowTable ? { kind, weight } : null;
}

async function addInitializers(
  graph: MessageWriter,
  { initializers, nodes }: StoredModel,
  plan: Plan,
  reader: WeightReader,
  writer: WeightWriter,
): Promise<void> {
  const kinds = new Map([...plan.values()].map(({ weight, kind }) => [weight.name, kind]));
  for (const weight of initializers) {
    const { name, shape, values, place } = weight;
    const [rows = 0, columns = 0] = shape;
    const kind = kinds.get(name);
    if (kind !== undefined) {
      const small = await writer.add(`${name}_int8`, shape, quantized(reader, weight, kind));
      const scaleShape = kind === "product" ? [columns] : [rows, 1];
      graph.message(5, small.values);
      graph.message(5, tensor(`${name}_scale`, "float32", scaleShape, small.scales));
    } else if (values === null || (!values.isExternal && place.end - place.start <= inlineBytes)) {
      graph.bytes(5, await reader.part(place));
    } else graph.message(5, await writer.copy(weight, reader.bytes(weight)));
  }
  // Values of constant operators in other files are copied: the new model may be in another folder.
  for (const { external, outputs, opType } of nodes) {
    if (external === null) continue;
    const [name = ""] = outputs;
    if (opType !== "Constant")
      throw new Error(`the values of ${opType} ${name} are in another file`);
    graph.message(5, await writer.copy({ ...external, name }, reader.bytes(external)));
  }
}

/** The matrix of a product needs whole columns and is read at once; a table is read in blocks of rows. */
async function* quantized(
  reader: WeightReader,
  weight: StoredTensor,
  kind: Replacement["kind"],
): AsyncGenerator<QuantizedWeights> {
  const [rows = 0, columns = 0] = weight.shape;
  if (kind === "lookUp") {
    for await (const block of reader.blocks(weight, columns)) yield quantizeRows(block, columns);
    return;
  }
  for await (const whole of reader.blocks(weight, rows * columns)) {
    yield quantizeColumns(whole, columns);
  }
}

/** Products with the same factor share its 8-bit form. */
function addNodes(graph: MessageWriter, { nodes }: StoredModel, plan: Plan): void {
  const small = new Set<string>();
  for (const node of nodes) {
    if (node.external !== null) continue;
    const replacement = plan.get(node);
    const { inputs, outputs } = node;
    const [first = "", second = ""] = inputs;
    const [output = ""] = outputs;
    if (replacement === undefined) graph.bytes(1, node.message);
    else if (replacement.kind === "lookUp") {
      for (const made of integerLookUp(first, second, output)) graph.message(1, made);
    } else {
      if (!small.has(first)) graph.message(1, toEightBits(first));
      small.add(first);
      for (const made of integerProduct(first, second, output)) graph.message(1, made);
    }
  }
}

/** `x` as unsigned integers with scale and zero point. */
function toEightBits(x: string): MessageWriter {
  return nodeMessage("DynamicQuantizeLinear", [x], [`${x}_int8`, `${x}_scale`, `${x}_zero`]);
}

/** `x W` in integers, rescaled to float32. */
function integerProduct(x: string, w: string, y: string): readonly MessageWriter[] {
  return [
    nodeMessage("MatMulInteger", [`${x}_int8`, `${w}_int8`, `${x}_zero`], [`${y}_sum`]),
    nodeMessage("Cast", [`${y}_sum`], [`${y}_float`], { to: float32 }),
    nodeMessage("Mul", [`${x}_scale`, `${w}_scale`], [`${y}_scales`]),
    nodeMessage("Mul", [`${y}_float`, `${y}_scales`], [y]),
  ];
}

/** Rows of integers, each rescaled to float32. */
function integerLookUp(table: string, ids: string, y: string): readonly MessageWriter[] {
  return [
    nodeMessage("Gather", [`${table}_int8`, ids], [`${y}_rows`]),
    nodeMessage("Cast", [`${y}_rows`], [`${y}_float`], { to: float32 }),
    nodeMessage("Gather", [`${table}_scale`, ids], [`${y}_scales`]),
    nodeMessage("Mul", [`${y}_float`, `${y}_scales`], [y]),
  ];
}

function addField(message: MessageWriter, { field, value }: OpaqueField): void {
  if (typeof value === "bigint") message.integer(field, Number(value));
  else message.bytes(field, value);
}
