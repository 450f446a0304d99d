import type { Shape } from "../../autodiff/ops.ts";
import { initialise, type ParameterDeclaration } from "../../autodiff/parameters.ts";
import { elements } from "../../base/element-count.ts";
import { slotValues, type Arena, type Region, type Slot } from "../../optim/arena.ts";

/** A named parameter with views of its numbers in the arena. */
export interface NamedParameter {
  readonly name: string;
  readonly shape: Shape;
  readonly slot: Slot;
  readonly values: Float32Array;
  readonly gradient: Float32Array;
}

/** Initialises all declared parameters in the arena, which has a slot per declaration, and returns them by name. */
export function nameParameters(
  arena: Arena,
  declarations: readonly ParameterDeclaration[],
  seed: number,
): ReadonlyMap<string, NamedParameter> {
  const named = new Map<string, NamedParameter>();
  declarations.forEach(({ names, shape, initializer }, index) => {
    const whole = arena.slots[index];
    if (whole === undefined) throw new Error("internal: a parameter without a slot");
    const length = elements(shape);
    names.forEach((name, member) => {
      const slot: Slot = { offset: whole.offset + member * length, length };
      const values = slotValues(arena.parameters, slot);
      initialise(values, { name, shape, initializer, seed });
      named.set(name, { name, shape, slot, values, gradient: slotValues(arena.gradients, slot) });
    });
  });
  return named;
}

/** A region's numbers in the order of `parameters`, without the gaps between slots. */
export function packRegion(region: Region, parameters: Iterable<NamedParameter>): Float32Array {
  const slots = Array.from(parameters, ({ slot }) => slot);
  const packed = new Float32Array(slots.reduce((total, { length }) => total + length, 0));
  let offset = 0;
  for (const slot of slots) {
    packed.set(slotValues(region, slot), offset);
    offset += slot.length;
  }
  return packed;
}

/** Undoes {@link packRegion}. */
export function unpackRegion(
  region: Region,
  parameters: Iterable<NamedParameter>,
  packed: Float32Array,
): void {
  let offset = 0;
  for (const { slot } of parameters) {
    slotValues(region, slot).set(packed.subarray(offset, offset + slot.length));
    offset += slot.length;
  }
}
