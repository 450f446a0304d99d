import type { Tensor } from "@tensorflow/tfjs-core";

import type { MatmulOptions } from "../../autodiff/ops.ts";
import type { LoadedTfjs, Tfjs } from "./load-tfjs.ts";

/** `A B` with A = a or aᵀ and B = b or bᵀ; leading axes broadcast. Call it in a `tidy`: it leaves intermediates behind. */
export function multiply(
  { tf, backend }: Pick<LoadedTfjs, "tf" | "backend">,
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Tensor {
  if (backend !== "wasm") return tf.matMul(a, b, transposeA, transposeB);
  const isBatched = a.rank > 2 || b.rank > 2;
  if (isBatched) return tf.matMul(a, copyOf(tf, b), transposeA, transposeB);
  // For transposed matrices wasm has a plain loop, for others XNNPACK.
  return tf.matMul(transposeA ? tf.transpose(a) : a, copyOf(tf, transposeB ? tf.transpose(b) : b));
}

/**
 * The same numbers in memory of their own. The wasm backend (4.22) keeps a product's right operand, packed, under the identity of
 * its memory, and finds it again for another shape of the same memory: a reshaped matrix would be multiplied as if it still had its
 * old shape, and even write past the result.
 */
function copyOf(tf: Tfjs, x: Tensor): Tensor {
  return tf.slice(
    x,
    x.shape.map(() => 0),
    x.shape,
  );
}
