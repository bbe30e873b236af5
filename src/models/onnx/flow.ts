import type { Constant, Graph, Node } from './model.js';
import { isFloat } from './types.js';

/** Operations whose results are sizes, places or truths: no gradient goes through them. */
const ENDS: ReadonlySet<string> = new Set(['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero', 'NonMaxSuppression']);

/** Who makes and who uses each value of some nodes, and which of them are constants. */
export class Flow {
  private readonly makers = new Map<string, Node>();
  private readonly users = new Map<string, Node[]>();
  private readonly moving = new Set<string>();

  /** @param nodes sorted, as the graph runs them */
  constructor(
    private readonly graph: Graph,
    nodes: readonly Node[],
    private readonly outputs: readonly string[],
  ) {
    for (const { name } of graph.inputs) this.moving.add(name);
    for (const node of nodes) {
      for (const name of node.outputs) this.makers.set(name, node);
      for (const name of new Set(node.inputs)) {
        const known = this.users.get(name);
        if (known) known.push(node);
        else this.users.set(name, [node]);
      }
      if (ENDS.has(node.op) || !node.inputs.some((name) => this.moving.has(name))) continue;
      for (const name of node.outputs) this.moving.add(name);
    }
  }

  maker(name: string): Node | undefined {
    return this.makers.get(name);
  }

  /** Whether a value is computed from the picture's pixels, not from its size alone. */
  isMoving(name: string): boolean {
    return this.moving.has(name);
  }

  /** The constant of floats behind a name, past nodes that only rename it or change its precision. */
  constant(name: string | undefined): { name: string; constant: Constant } | undefined {
    for (let at = name; at !== undefined && at !== '';) {
      const weight = this.graph.initializers.get(at);
      if (weight) return isFloat(weight.type) ? { name: at, constant: weight } : undefined;
      const node = this.makers.get(at);
      if (node?.op === 'Constant') {
        const value = node.attributes.get('value');
        const isTensor = typeof value === 'object' && 'data' in value;
        return isTensor && isFloat(value.type) ? { name: at, constant: value } : undefined;
      }
      at = node?.op === 'Identity' || node?.op === 'Cast' ? node.inputs[0] : undefined;
    }
    return undefined;
  }

  /** The only node that uses a value which is no output. */
  next(name: string): Node | undefined {
    const users = this.users.get(name) ?? [];
    return users.length === 1 && !this.outputs.includes(name) ? users[0] : undefined;
  }
}
