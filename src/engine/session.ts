import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serializeGraph } from './graph-def.js';
import { liveNodes, type GraphNode, type NodeRef } from './graph.js';
import type { NativeBackend, NativeTensor } from './native.js';
import { writeParts } from './write-parts.js';

/**
 * A loaded native graph. Recordings of one function at inputs of several sizes that differ in nothing but what the function wrote
 * itself (sizes, positions, tables) share one: then these are inputs as well, and weights are there once.
 */
export class Session {
  private users = 0;

  private constructor(
    private readonly backend: NativeBackend,
    private readonly id: number,
    private readonly inputNames: string,
    private readonly outputNames: string,
  ) {}

  /** @param open inputs of any size, and Consts that become inputs */
  static load(backend: NativeBackend, inputs: GraphNode[], outputs: NodeRef[], open?: ReadonlySet<GraphNode>): Session {
    const { savedModel, inputNames, outputNames } = serializeGraph(backend.binding, inputs, outputs, { open });
    const folder = mkdtempSync(join(tmpdir(), 'gearnn-graph-'));
    try {
      writeParts(join(folder, 'saved_model.pb'), savedModel);
      const id = backend.binding.loadSavedModel(folder, 'serve');
      return new Session(backend, id, inputNames.join(','), outputNames.join(','));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** @param ids handles of the inputs */
  run(ids: number[]): NativeTensor[] {
    // The backend's binding of now: a recorder may be in its place, which refuses compiled functions inside others.
    return this.backend.binding.runSavedModel(this.id, ids, this.inputNames, this.outputNames);
  }

  use(): this {
    this.users++;
    return this;
  }

  /** Unloads the graph when its last user has let go. @returns whether it did */
  release(): boolean {
    if (--this.users > 0) return false;
    this.backend.binding.deleteSavedModel(this.id);
    return true;
  }
}

/** Everything of a graph that sharing takes for granted, as a text: ops, attributes, edges, weights by their place; not what the function wrote. */
export function signatureOf(inputs: GraphNode[], outputs: NodeRef[]): string {
  const nodes = liveNodes(outputs);
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  const refs = (list: NodeRef[]): string => list.map(({ node, index }) => `${numbers.get(node)}:${index}`).join();
  const lines = nodes.map((node) => {
    const attrs = node.attrs.map(({ name, type, value }) => `${name}=${type}${JSON.stringify(value)}`).join();
    const { dtype, shape } = node.outputs[0] ?? { dtype: 0, shape: [] };
    const isSized = node.inputs.length > 0 || node.isWritten || node.op === 'Placeholder';
    const made = `${dtype}${isSized ? shape.length : `[${shape.join()}]`}`;
    return `${node.op}(${refs(node.inputs)}){${attrs}}${made}${node.isWritten ? 'w' : ''}`;
  });
  return [...lines, inputs.map((node) => numbers.get(node) ?? 'x').join(), refs(outputs)].join('\n');
}
