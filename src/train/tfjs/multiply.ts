import type { Tensor } from "@tensorflow/tfjs-core";

import type { MatmulOptions } from "../../autodiff/ops.ts";
import type { LoadedTfjs, Tfjs } from "./load-tfjs.ts";

/** `A B` with A = a or aᵀ and B = b or bᵀ; leading axes broadcast. Call it inside `tidy`: it does not dispose of intermediates. */
export function multiply(
  { tf, backend }: Pick<LoadedTfjs, "tf" | "backend">,
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Tensor {
  if (backend !== "wasm") return tf.matMul(a, b, transposeA, transposeB);
  const isBatched = a.rank > 2 || b.rank > 2;
  if (isBatched) return tf.matMul(a, copyOf(tf, b), transposeA, transposeB);
  // The wasm backend uses XNNPACK only for matrices that are not transposed.
  return tf.matMul(transposeA ? tf.transpose(a) : a, copyOf(tf, transposeB ? tf.transpose(b) : b));
}

/**
 * A copy in its own memory. The wasm backend (4.22) caches a product's packed right operand by memory identity and ignores its
 * shape: a reshaped matrix would be multiplied in its old shape, and even write past the end of the result.
 */
function copyOf(tf: Tfjs, x: Tensor): Tensor {
  return tf.slice(
    x,
    x.shape.map(() => 0),
    x.shape,
  );
}
