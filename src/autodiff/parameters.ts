/** @file The parameters and buffers that a model asks for while it is traced, and their start values. */
import type { Buffers, Initializer, Parameters } from "./scope.ts";
import type { Shape } from "./ops.ts";
import { createRandom } from "../base/random.ts";
import type { Graph, Node } from "./graph.ts";
import { sameShape, show } from "./shapes.ts";

/** A parameter as the model declared it; its node may hold several of equal shape, stacked along a first axis. */
export interface ParameterDeclaration {
  /** Name of the node. */
  readonly key: string;
  readonly node: Node;
  /** PyTorch names, one unless stacked. */
  readonly names: readonly string[];
  /** Of each of them. */
  readonly shape: Shape;
  readonly initializer: Initializer;
}

/** Parameters that declare themselves in a graph. */
export interface TracedParameters extends Parameters<Node> {
  /** In the order in which the model asked for them. */
  readonly declarations: () => readonly ParameterDeclaration[];
}

export function tracedParameters(graph: Graph): TracedParameters {
  const declared = new Map<string, ParameterDeclaration>();
  const names = new Set<string>();

  function declare(
    key: string,
    members: readonly string[],
    shape: Shape,
    nodeShape: Shape,
    initializer: Initializer,
  ): Node {
    const known = declared.get(key);
    if (known) {
      checkShape("parameter", key, known.node.shape, nodeShape);
      return known.node;
    }
    for (const name of members) {
      if (names.has(name)) throw new RangeError(`parameter "${name}": alone and in a stack`);
      names.add(name);
    }
    const node = graph.node({ kind: "parameter", name: key }, [], nodeShape);
    declared.set(key, { key, node, names: members, shape, initializer });
    return node;
  }

  return {
    get: (name, shape, initializer) => declare(name, [name], shape, shape, initializer),
    stack: (members, shape, initializer) =>
      declare(members.join("+"), members, shape, [members.length, ...shape], initializer),
    declarations: () => [...declared.values()],
  };
}

/** A buffer as the model declared it. */
export interface BufferDeclaration {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: "zeros" | "ones";
  /** The input it is read from. */
  readonly node: Node;
  /** Its value after a training step; absent if the model never sets it. */
  readonly next?: Node;
}

/** Buffers that declare themselves in a graph. */
export interface TracedBuffers extends Buffers<Node> {
  /** In the order in which the model asked for them. */
  readonly declarations: () => readonly BufferDeclaration[];
}

export function tracedBuffers(graph: Graph): TracedBuffers {
  const declared = new Map<string, BufferDeclaration>();
  return {
    get: (name, shape, initializer) => {
      const known = declared.get(name);
      if (known) {
        checkShape("buffer", name, known.shape, shape);
        return known.node;
      }
      const node = graph.node({ kind: "input", name }, [], shape);
      declared.set(name, { name, shape, initializer, node });
      return node;
    },
    set: (name, next) => {
      const known = declared.get(name);
      if (known === undefined) throw new RangeError(`buffer "${name}": set before it was read`);
      checkShape("buffer", name, known.shape, next.shape);
      declared.set(name, { ...known, next });
    },
    declarations: () => [...declared.values()],
  };
}

function checkShape(what: string, name: string, known: Shape, asked: Shape): void {
  if (sameShape(known, asked)) return;
  throw new RangeError(`${what} "${name}": declared with shape ${show(known)} and ${show(asked)}`);
}

/** What decides a tensor's start values. */
export interface StartOptions {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  readonly seed: number;
}

/**
 * Fills a tensor with its start values. Each has a random stream of its own, named after it: adding one to a model does not change
 * the others, and models that share a parameter share its start value for a seed.
 */
export function initialise(
  values: Float32Array,
  { name, shape, initializer, seed }: StartOptions,
): void {
  if (initializer === "zeros" || initializer === "ones") {
    values.fill(initializer === "ones" ? 1 : 0);
    return;
  }
  const { uniform, normal } = createRandom(seed, name);
  if (initializer === "xavierNormal" || "normal" in initializer) {
    const [rows = 1, columns = 1] = shape;
    const deviation =
      initializer === "xavierNormal" ? Math.sqrt(2 / (rows + columns)) : initializer.normal;
    for (let index = 0; index < values.length; index++) values[index] = deviation * normal();
    return;
  }
  const bound = initializer.uniform;
  for (let index = 0; index < values.length; index++) values[index] = bound * (2 * uniform() - 1);
}
