/** @file How checkpoints lay out a model's numbers, for every engine: parameters, then buffers, each row-major. */
import type { Initializer } from "../../autodiff/scope.ts";
import type { Shape } from "../../autodiff/ops.ts";
import type { ModelTensor } from "./engine.ts";
import { initialise } from "../../autodiff/parameters.ts";
import { elements } from "../../base/element-count.ts";
import type { TracedModel } from "./traced-model.ts";

/** A model's tensor and how it is initialised. */
export interface StartTensor extends ModelTensor {
  readonly initializer: Initializer;
}

/** Every tensor of a model under its own name; stacked ones are listed one by one. */
export function modelTensors({
  parameters,
  buffers,
}: Pick<TracedModel, "parameters" | "buffers">): readonly StartTensor[] {
  return [
    ...parameters.flatMap(({ names, shape, initializer }) =>
      names.map((name) => ({ name, shape, initializer, kind: "parameter" as const })),
    ),
    ...buffers.map(({ name, shape, initializer }) => ({
      name,
      shape,
      initializer,
      kind: "buffer" as const,
    })),
  ];
}

/** The tensors' initial values, concatenated. */
export function startValues(tensors: readonly StartTensor[], seed: number): Float32Array {
  const values = new Float32Array(totalElements(tensors));
  let offset = 0;
  for (const { name, shape, initializer } of tensors) {
    const end = offset + elements(shape);
    initialise(values.subarray(offset, end), { name, shape, initializer, seed });
    offset = end;
  }
  return values;
}

/** Total count of numbers in the tensors. */
export function totalElements(tensors: readonly { readonly shape: Shape }[]): number {
  return tensors.reduce((total, { shape }) => total + elements(shape), 0);
}

/** @throws RangeError for an array of another size than this model's */
export function checkSize(what: string, values: Float32Array, expected: number): void {
  if (values.length === expected) return;
  throw new RangeError(`Expected ${expected} ${what}, got ${values.length}`);
}
