/** @file An adapter's matrices in the optimiser's memory. */
import { initialise } from "../../autodiff/parameters.ts";
import { createArena, slotValues, type Arena, type Region } from "../../optim/arena.ts";
import type { LoraMatrices } from "../adapter/lora-adapter.ts";
import { linearNames, type DecoderConfig } from "../decoder/decoder-config.ts";
import type { LoraParameter } from "../decoder/layer-graphs.ts";

/** A matrix of one layer. */
interface LayerParameter extends LoraParameter {
  readonly layer: number;
  readonly slot: Arena["slots"][number];
}

/** All matrices of an adapter, with their gradients and moments. */
export interface AdapterParameters {
  readonly arena: Arena;
  /** By layer, then as {@link LoraParameter}s. */
  readonly all: readonly LayerParameter[];
  /** Those of one layer. */
  readonly ofLayer: (layer: number) => readonly LayerParameter[];
  /** A view of a matrix in one of the arena's regions. */
  readonly values: (parameter: LayerParameter, region: Region) => Float32Array;
  /** Copies of all matrices. */
  readonly matrices: () => readonly LoraMatrices[];
  /** Sets all matrices. */
  readonly set: (matrices: readonly LoraMatrices[]) => void;
}

/**
 * The matrices with PEFT's initial values: A uniform within ±1 / √inputs, and B zero, so that training starts from the base model.
 *
 * @param parameters - Of one layer
 */
export function adapterParameters(
  { layers }: Pick<DecoderConfig, "layers">,
  parameters: readonly LoraParameter[],
  seed: number,
): AdapterParameters {
  const places = Array.from({ length: layers }, (_, layer) =>
    parameters.map((parameter) => ({ ...parameter, layer })),
  ).flat();
  const arena = createArena(places.map(({ shape: [rows, columns] }) => rows * columns));
  const all = places.map((place, index): LayerParameter => {
    const slot = arena.slots[index];
    if (slot === undefined) throw new Error("internal: a matrix without a slot");
    return { ...place, slot };
  });
  const values = ({ slot }: LayerParameter, region: Region): Float32Array =>
    slotValues(region, slot);
  for (const parameter of all) {
    const { name, layer, shape } = parameter;
    initialise(values(parameter, arena.parameters), {
      name: `${layer}.${name}`,
      ...{ shape, seed },
      initializer: name.endsWith("lora_A") ? { uniform: 1 / Math.sqrt(shape[1]) } : "zeros",
    });
  }
  const found = (layer: number, name: string): Float32Array | undefined => {
    const parameter = all.find((each) => each.layer === layer && each.name === name);
    return parameter && values(parameter, arena.parameters);
  };
  return {
    arena,
    all,
    values,
    ofLayer: (layer) => all.slice(layer * parameters.length, (layer + 1) * parameters.length),
    matrices: () =>
      Array.from({ length: layers }, (_, layer) =>
        linearNames.flatMap((linear): readonly LoraMatrices[] => {
          const a = found(layer, `${linear}.lora_A`);
          const b = found(layer, `${linear}.lora_B`);
          return a && b ? [{ layer, linear, a: a.slice(), b: b.slice() }] : [];
        }),
      ).flat(),
    set: (matrices) => {
      for (const { layer, linear, a, b } of matrices) {
        found(layer, `${linear}.lora_A`)?.set(a);
        found(layer, `${linear}.lora_B`)?.set(b);
      }
    },
  };
}
