import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { nameOfWeight, serializeGraph } from './graph-def.js';
import { hasKernels, loadsGraphFiles, releaseMemory, runsAlone, sharesWeights, sparingly } from './host-memory.js';
import { handleOf, liveNodes, type GraphNode, type NodeRef } from './graph.js';
import type { NativeBackend, NativeTensor } from './native.js';
import { threadsOfOp } from './threads.js';
import { hasGradients, isSmall } from './work.js';
import { writeParts } from './write-parts.js';

/** Bytes of weights from which on a graph's first run is followed by giving memory back. */
const LARGE = 2 ** 20;
/** Bytes by which the process has grown meanwhile. */
const GROWN = 2 ** 25;
/** Bytes from which on a constant stays out of the graph's file: it is the network's own tensor, not a copy. */
const SHARED = 2 ** 12;
/** Numbers that one thread gives to weights; those of two threads differ. */
const NUMBERS = 2 ** 32;
let numbered = 0;

/** A loaded native graph. */
export class Session {
  private hasRun = false;

  private constructor(
    private readonly backend: NativeBackend,
    private readonly id: number,
    private readonly inputNames: string,
    private readonly outputNames: string,
    private readonly weightBytes: number,
    /** Handles of weights, by their names in the graph, until it has run. */
    private readonly weights: Map<string, number>,
    /** Bytes of the process before it was loaded. */
    private readonly before: number,
  ) {}

  /** @param open inputs of any size, and Consts that become inputs */
  static load(backend: NativeBackend, inputs: GraphNode[], outputs: NodeRef[], open?: ReadonlySet<GraphNode>): Session {
    const { binding } = backend;
    const shared = sharesWeights() && !binding.isUsingGpuDevice() ? liveNodes(outputs).filter(isWeight) : [];
    const before = process.memoryUsage.rss();
    const weights = new Map(shared.map((node) => [node, threadId * NUMBERS + numbered++]));
    const graph = serializeGraph(binding, inputs, outputs, { open, weights });
    const [file, parts] = loadsGraphFiles() ? ['graph.pb', graph.graphDef] : ['saved_model.pb', graph.savedModel];
    const folder = mkdtempSync(join(tmpdir(), 'gearnn-graph-'));
    try {
      writeParts(join(folder, file), parts);
      // The weights lie in the file now; what JavaScript held to write them would be there beside TensorFlow's.
      if (graph.weightBytes >= LARGE) releaseMemory();
      const tags = [shared.length > 0 ? 'weights' : 'serve'];
      if (!binding.isUsingGpuDevice()) tags.push(...mannerOf(outputs));
      const id = sparingly(() => binding.loadSavedModel(folder, tags.join()));
      const handles = new Map(
        [...weights].map(([node, n]) => [`${nameOfWeight(n)}:0`, handleOf(binding, node.value!)]),
      );
      return new Session(
        backend,
        id,
        graph.inputNames.join(),
        graph.outputNames.join(),
        graph.weightBytes,
        handles,
        before,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** @param ids handles of the inputs */
  run(ids: number[]): NativeTensor[] {
    // The backend's binding of now: a recorder may be in its place, which refuses compiled functions inside others.
    const run = (ids: number[], names: string): NativeTensor[] =>
      this.backend.binding.runSavedModel(this.id, ids, names, this.outputNames);
    if (this.hasRun) return run(ids, this.inputNames);
    // TensorFlow prepares a graph when it first runs.
    const { weights } = this;
    const names = [this.inputNames, ...weights.keys()].filter((name) => name !== '').join();
    const made = sparingly(() => run([...ids, ...weights.values()], names));
    this.hasRun = true;
    this.forgetWeights();
    // Much of the library's code is read only while a graph is prepared, of a small graph as well.
    if (this.weightBytes >= LARGE || process.memoryUsage.rss() - this.before >= GROWN) releaseMemory();
    return made;
  }

  release(): void {
    this.backend.binding.deleteSavedModel(this.id);
    this.forgetWeights();
  }

  /** The graph holds its weights by itself once it has run. */
  private forgetWeights(): void {
    for (const id of this.weights.values()) this.backend.binding.deleteTensor(id);
    this.weights.clear();
  }
}

/**
 * How a graph is to run, for `install/session.cc`. Training steps keep TensorFlow's own threads, which compute several ops at once: gradients of weights
 * beside those of activations.
 */
function mannerOf(outputs: NodeRef[]): string[] {
  if (runsAlone() && isSmall(outputs, threadsOfOp())) return ['alone'];
  return hasKernels() && !hasGradients(outputs) ? ['spins'] : [];
}

/** Whether a node is a constant that is shared with the graph instead of copied into it. */
function isWeight({ value, isWritten }: GraphNode): boolean {
  return !isWritten && (value?.byteLength ?? 0) >= SHARED;
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
    const after = node.after.map((earlier) => `^${numbers.get(earlier)}`).join();
    return `${node.op}(${refs(node.inputs)}${after}){${attrs}}${made}${node.isWritten ? 'w' : ''}`;
  });
  return [...lines, inputs.map((node) => numbers.get(node) ?? 'x').join(), refs(outputs)].join('\n');
}
