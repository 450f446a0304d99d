/**
 * @file The inputs of an exported model. It is fed ids, lengths and vectors and computes everything derived from them itself.
 *
 * Letters as in {@link ModelShape}; `B` may be any number.
 */
import type { OnnxModelWriter } from "../../onnx/format/model-writer.ts";
import type { ModelShape } from "../engine/engine.ts";
import {
  inputSpecs,
  servedNames,
  slotsOf,
  type BatchName,
  type DerivedName,
  type InputSpec,
} from "../engine/model-inputs.ts";
import { anySize } from "../../autodiff/symbolic-batch.ts";

/** Defines a model's inputs by name, each once. */
export interface ServingInputs {
  readonly define: (name: string) => void;
  readonly isDefined: (name: string) => boolean;
  /** What must be fed for the inputs defined so far; the first size, {@link anySize}, is the batch. */
  readonly fed: () => readonly InputSpec[];
}

/** An input that is computed from another. */
interface Derivation {
  readonly from: BatchName | DerivedName;
  readonly write: (writer: OnnxModelWriter, name: string, from: string) => void;
}

export function servingInputs(writer: OnnxModelWriter, shape: ModelShape): ServingInputs {
  const specs = inputSpecs({ ...shape, batchSize: anySize }, servedNames);
  const derived = new Map<string, Derivation | null>(Object.entries(derivations(shape)));
  const defined = new Set<string>();
  const fed: InputSpec[] = [];

  function define(name: string): void {
    if (defined.has(name)) return;
    defined.add(name);
    const derivation = derived.get(name);
    if (derivation) {
      define(derivation.from);
      derivation.write(writer, name, derivation.from);
      return;
    }
    const spec = specs.find((one) => one.name === name);
    if (spec === undefined) throw new Error(`internal: a model that scores reads "${name}"`);
    writer.input(name, spec.type, ["batch", ...spec.shape.slice(1)]);
    fed.push(spec);
  }

  return { define, isDefined: (name) => defined.has(name), fed: () => fed };
}

/** How ONNX nodes compute each derived input; null if only training reads it. */
function derivations(shape: ModelShape): Readonly<Record<DerivedName, Derivation | null>> {
  const shares: Derivation["write"] = (writer, name, from) => {
    writeShares(writer, name, from, shape);
  };
  return {
    rowWeights: { from: "items", write: writeEqualWeights },
    lossWeights: null,
    historyMask: { from: "historyLengths", write: maskWriter(shape.history) },
    historyWeights: { from: "historyMask", write: writeMeanWeights },
    attributeWeights: { from: "attributes", write: shares },
    historyAttributeWeights: { from: "historyAttributes", write: shares },
    attributeListIds: null,
    attributeListOwners: null,
    attributeListWeights: null,
    historyAttributeListIds: null,
    historyAttributeListOwners: null,
    historyAttributeListWeights: null,
  };
}

/** `[B]` of anything to `[B]` of 1 / B: all rows count. Used by models that look across the batch. */
function writeEqualWeights(writer: OnnxModelWriter, name: string, rows: string): void {
  writer.node("Shape", [rows], [`${name}.shape`]); // [1]
  writer.node("Cast", [`${name}.shape`], [`${name}.count`], { to: onnxFloat });
  writer.node("Reciprocal", [`${name}.count`], [`${name}.weight`]);
  writer.node("Expand", [`${name}.weight`, `${name}.shape`], [name]);
}

/** `[B]` lengths to `[B, H]`: 1 below the length, 0 from there. */
function maskWriter(history: number): Derivation["write"] {
  return (writer, name, lengths) => {
    const positions = Int32Array.from({ length: history }, (_none, position) => position);
    writer.initializer(`${name}.positions`, "int32", [1, history], positions);
    writer.initializer(`${name}.axis`, "int64", [1], [1]);
    writer.node("Unsqueeze", [lengths, `${name}.axis`], [`${name}.lengths`]); // [B, 1]
    writer.node("Less", [`${name}.positions`, `${name}.lengths`], [`${name}.isEvent`]); // [B, H]
    writer.node("Cast", [`${name}.isEvent`], [name], { to: onnxFloat });
  };
}

/** `[B, H]` of 0 and 1 to rows that sum to 1; rows of zeros stay zeros. */
function writeMeanWeights(writer: OnnxModelWriter, name: string, mask: string): void {
  writer.initializer(`${name}.axis`, "int64", [1], [1]);
  writer.node("ReduceSum", [mask, `${name}.axis`], [`${name}.counts`], { keepdims: 1 }); // [B, 1]
  writeQuotients(writer, name, mask);
}

/** `[..., S]` ids to 1 / (values of the same attribute), and 0 for no value. */
function writeShares(
  writer: OnnxModelWriter,
  name: string,
  ids: string,
  shape: Pick<ModelShape, "attributeSlots">,
): void {
  const slots = slotsOf(shape);
  const attributes = shape.attributeSlots.length;
  const isOf = new Float32Array(attributes * slots);
  let start = 0;
  shape.attributeSlots.forEach((places, attribute) => {
    isOf.fill(1, attribute * slots + start, attribute * slots + start + places);
    start += places;
  });
  writer.initializer(`${name}.isOf`, "float32", [attributes, slots], isOf);
  writer.node("Transpose", [`${name}.isOf`], [`${name}.isIn`], { perm: [1, 0] });
  writer.node("Cast", [ids], [`${name}.isValue`], { to: onnxBool });
  writer.node("Cast", [`${name}.isValue`], [`${name}.values`], { to: onnxFloat });
  writer.node("MatMul", [`${name}.values`, `${name}.isIn`], [`${name}.totals`]); // [..., A]
  writer.node("MatMul", [`${name}.totals`, `${name}.isOf`], [`${name}.counts`]); // [..., S]
  writeQuotients(writer, name, `${name}.values`);
}

/** `dividend / max(name.counts, 1)`. */
function writeQuotients(writer: OnnxModelWriter, name: string, dividend: string): void {
  writer.initializer(`${name}.one`, "float32", [], [1]);
  writer.node("Max", [`${name}.counts`, `${name}.one`], [`${name}.divisors`]);
  writer.node("Div", [dividend, `${name}.divisors`], [name]);
}

/** Element types in onnx.proto, for Cast's attribute `to`. */
const onnxFloat = 1;
const onnxBool = 9;
