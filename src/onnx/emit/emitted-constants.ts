import type { Shape } from "../../autodiff/ops.ts";
import type { OnnxModelWriter } from "../format/model-writer.ts";
import { elements } from "../../base/element-count.ts";

/** A model's constants, each written at first use. */
export interface EmittedConstants {
  /** Name of an int64 constant with these values. */
  readonly integers: (values: readonly number[]) => string;
  /** Name of a float32 constant of this shape, filled with `value`. */
  readonly filled: (value: number, shape: Shape) => string;
}

export function emittedConstants(writer: OnnxModelWriter): EmittedConstants {
  const written = new Set<string>();
  const once = (name: string, write: () => void): string => {
    if (!written.has(name)) write();
    written.add(name);
    return name;
  };
  return {
    integers: (values) => {
      const name = `int64:${values.join(",")}`;
      return once(name, () => {
        writer.initializer(name, "int64", [values.length], values);
      });
    },
    filled: (value, shape) => {
      const name = `float32:${value}:${shape.join(",")}`;
      return once(name, () => {
        writer.initializer(name, "float32", shape, new Float32Array(elements(shape)).fill(value));
      });
    },
  };
}
