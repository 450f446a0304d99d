/** @file The parameters and buffers that a model declares while it is traced, and their initial values. */
import type { Buffers, Initializer, Parameters } from "./scope.ts";
import type { Shape } from "./ops.ts";
import { createRandom } from "../base/random.ts";
import type { Graph, Node } from "./graph.ts";
import { sameShape, show } from "./shapes.ts";

/** A declared parameter, or several of equal shape stacked along a new first axis. */
export interface ParameterDeclaration {
  /** Name of the node. */
  readonly key: string;
  readonly node: Node;
  /** PyTorch names; more than one if stacked. */
  readonly names: readonly string[];
  /** Shape of each named parameter. */
  readonly shape: Shape;
  readonly initializer: Initializer;
}

/** Parameters that become nodes of a graph when first requested. */
export interface TracedParameters extends Parameters<Node> {
  /** In order of first request. */
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
      if (names.has(name))
        throw new RangeError(`parameter "${name}": declared both alone and in a stack`);
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

/** A declared buffer. */
export interface BufferDeclaration {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: "zeros" | "ones";
  /** The input that holds its value. */
  readonly node: Node;
  /** Value after a training step; absent if the model never sets it. */
  readonly next?: Node;
}

/** Buffers that become inputs of a graph when first requested. */
export interface TracedBuffers extends Buffers<Node> {
  /** In order of first request. */
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
      if (known === undefined) throw new RangeError(`buffer "${name}": set before get`);
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

/** Determines a tensor's initial values. */
export interface StartOptions {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  readonly seed: number;
}

/**
 * Fills a tensor with its initial values. The random stream depends on seed and name only: adding a parameter to a model does not
 * change the others, and models that share a parameter start it alike.
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
