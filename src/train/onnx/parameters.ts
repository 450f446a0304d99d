/** @file From the parameters that a model asks for while it is traced to their place in the arena. */
import type { Initializer, Parameters } from "../../models/model.ts";
import type { Shape } from "../../models/ops.ts";
import { createRandom } from "../random.ts";
import { slotValues, type Arena, type Slot } from "./arena.ts";
import type { Graph, Node } from "./graph.ts";
import { elements, sameShape, show } from "./shapes.ts";

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

/** A named parameter's numbers: views into the arena. */
export interface NamedParameter {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  readonly values: Float32Array;
  readonly gradient: Float32Array;
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
      if (!sameShape(known.node.shape, nodeShape)) {
        throw new RangeError(
          `parameter "${key}": declared with shape ${show(known.node.shape)} and ${show(nodeShape)}`,
        );
      }
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

/** Each declared parameter by name, at its place in the arena, where each declaration has a slot. */
export function nameParameters(
  arena: Arena,
  declarations: readonly ParameterDeclaration[],
): ReadonlyMap<string, NamedParameter> {
  const named = new Map<string, NamedParameter>();
  declarations.forEach(({ names, shape, initializer }, index) => {
    const whole = arena.slots[index];
    if (whole === undefined) throw new Error("internal: a parameter without a slot");
    const length = elements(shape);
    names.forEach((name, member) => {
      const slot: Slot = { offset: whole.offset + member * length, length };
      named.set(name, {
        name,
        shape,
        initializer,
        values: slotValues(arena.parameters, slot),
        gradient: slotValues(arena.gradients, slot),
      });
    });
  });
  return named;
}

/**
 * Start values. Each parameter has a random stream of its own, named after it: adding one to a model does not change the
 * others, and models that share a parameter share its start value for a seed.
 */
export function initialise(
  { name, shape, initializer, values }: NamedParameter,
  seed: number,
): void {
  switch (initializer) {
    case "zeros":
      values.fill(0);
      return;
    case "xavierNormal": {
      const [rows = 1, columns = 1] = shape;
      const deviation = Math.sqrt(2 / (rows + columns));
      const random = createRandom(seed, name);
      for (let index = 0; index < values.length; index++) {
        values[index] = deviation * random.normal();
      }
      return;
    }
    default:
      throw new Error(`internal: unknown initializer ${String(initializer satisfies never)}`);
  }
}
