import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serializeGraph } from './graph-def.js';
import { loadsGraphFiles, releaseMemory, sparingly } from './host-memory.js';
import { liveNodes, type GraphNode, type NodeRef } from './graph.js';
import type { NativeBackend, NativeTensor } from './native.js';
import { writeParts } from './write-parts.js';

/** Bytes of weights from which on a graph's first run is followed by giving memory back. */
const LARGE = 2 ** 20;

/**
 * A loaded native graph. Recordings of one function at inputs of several sizes that differ in nothing but what the function wrote
 * itself (sizes, positions, tables) share one: then these are inputs as well, and weights are there once.
 */
export class Session {
  private users = 0;
  private hasRun = false;

  private constructor(
    private readonly backend: NativeBackend,
    private readonly id: number,
    private readonly inputNames: string,
    private readonly outputNames: string,
    private readonly weightBytes: number,
  ) {}

  /** @param open inputs of any size, and Consts that become inputs */
  static load(backend: NativeBackend, inputs: GraphNode[], outputs: NodeRef[], open?: ReadonlySet<GraphNode>): Session {
    const graph = serializeGraph(backend.binding, inputs, outputs, { open });
    const [file, parts] = loadsGraphFiles() ? ['graph.pb', graph.graphDef] : ['saved_model.pb', graph.savedModel];
    const folder = mkdtempSync(join(tmpdir(), 'gearnn-graph-'));
    try {
      writeParts(join(folder, file), parts);
      // The weights lie in the file now; what JavaScript held to write them would be there beside TensorFlow's.
      if (graph.weightBytes >= LARGE) releaseMemory();
      const id = sparingly(() => backend.binding.loadSavedModel(folder, 'serve'));
      return new Session(backend, id, graph.inputNames.join(), graph.outputNames.join(), graph.weightBytes);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** @param ids handles of the inputs */
  run(ids: number[]): NativeTensor[] {
    // The backend's binding of now: a recorder may be in its place, which refuses compiled functions inside others.
    const run = (): NativeTensor[] =>
      this.backend.binding.runSavedModel(this.id, ids, this.inputNames, this.outputNames);
    if (this.hasRun) return run();
    // TensorFlow prepares a graph when it first runs.
    const made = sparingly(run);
    this.hasRun = true;
    if (this.weightBytes >= LARGE) releaseMemory();
    return made;
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
