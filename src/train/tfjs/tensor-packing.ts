/** @file Many tensors packed into one, so that updating all takes one kernel and reading all takes one transfer. */
import type { Tensor } from "@tensorflow/tfjs-core";

import type { Shape } from "../../autodiff/ops.ts";
import { elements } from "../../base/element-count.ts";
import type { Tfjs } from "./load-tfjs.ts";
import type { NamedTensors } from "./run-graph.ts";

/** The numbers of at least one tensor, concatenated: shape `[N]`. The caller disposes of it. */
export function packTensors(tf: Tfjs, tensors: readonly Tensor[]): Tensor {
  return tf.tidy(() => tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1]))));
}

/** Undoes {@link packTensors} for at least one tensor, given the shapes. The caller disposes of the results. */
export function unpackTensors(
  tf: Tfjs,
  packed: Tensor,
  members: readonly { readonly name: string; readonly shape: Shape }[],
): NamedTensors {
  return tf.tidy(() => {
    const pieces = tf.split(
      packed,
      members.map(({ shape }) => elements(shape)),
    );
    const named: Record<string, Tensor> = {};
    for (const [index, piece] of pieces.entries()) {
      const member = members[index];
      if (member) named[member.name] = tf.reshape(piece, [...member.shape]);
    }
    return named;
  });
}
