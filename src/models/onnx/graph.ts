import tf from '../../common/tf.cjs';
import { GearnnError, fail } from '../../common/errors.js';
import { checkedNodes } from './check.js';
import type { Graph, Model, Node, ValueInfo } from './model.js';
import { Call, type Op } from './ops/op.js';
import { findOp } from './ops/registry.js';
import { outerNames, outerNamesOf } from './sort.js';
import { Value } from './value.js';

/** One node made ready to run. */
interface Step {
  node: Node;
  opset: number;
  run: Op;
  /** Names that no later node and no output needs. */
  last: string[];
}

/** Runs of graphs inside of nodes in one run, at most: a graph that is compiled holds every one of them. */
const MOST_RUNS = 2 ** 14;

/** A network of a file, checked and sorted, that computes some of its values. */
export class OnnxGraph {
  private readonly steps: Step[];
  /** Graphs inside of nodes, which loops run again and again. */
  private readonly branches = new Map<Graph, OnnxGraph>();
  /** Names of what it computes. */
  readonly outputs: readonly string[];
  /** Runs of graphs inside of nodes so far, which those share. */
  private inner = { runs: 0 };

  /**
   * @param outputs names of any values of the graph; nodes that they do not need do not run. Default: its outputs
   * @throws E_ONNX_GRAPH, E_ONNX_QUANTIZED, E_ONNX_OPS
   */
  constructor(
    readonly model: Model,
    outputs?: readonly string[],
  ) {
    this.outputs = outputs ?? model.graph.outputs.map(({ name }) => name);
    const nodes = checkedNodes(model, [...this.outputs]);
    const last = lastUses(nodes, this.outputs);
    this.steps = nodes.map((node) => ({
      node,
      opset: model.opsets.get(node.domain) ?? 1,
      run: findOp(node.domain, node.op)!,
      last: last.get(node) ?? [],
    }));
  }

  /** The nodes that run, in their order. */
  get nodes(): Node[] {
    return this.steps.map(({ node }) => node);
  }

  /** The inputs of the file that the outputs need. */
  get inputs(): ValueInfo[] {
    const used = new Set([...this.nodes.flatMap((node) => [...node.inputs, ...outerNames(node)]), ...this.outputs]);
    return this.model.graph.inputs.filter(({ name }) => used.has(name));
  }

  /**
   * Runs the graph inside the caller's `tf.tidy`, which owns what it returns. Differentiable, and a function for `compile`.
   *
   * @param given values by name: the inputs, and what stands in for weights and results of Constant nodes
   * @param own operations of nodes that run otherwise than the file says
   * @returns the outputs by name
   * @throws E_ONNX_INPUT for inputs that are missing, E_ONNX_NODE, E_ONNX_SIZE
   */
  run(given: ReadonlyMap<string, Value>, own?: ReadonlyMap<Node, Op>): Map<string, Value> {
    this.inner.runs = 0;
    return this.runWith(new Map([...given].map(([name, value]) => [name, value.forRun()])), own);
  }

  /** As {@link run}, with values whose other orders may stay with them. */
  private runWith(given: ReadonlyMap<string, Value>, own?: ReadonlyMap<Node, Op>): Map<string, Value> {
    const missing = this.inputs.filter(({ name }) => !given.has(name)).map(({ name }) => name);
    if (missing.length > 0)
      fail('E_ONNX_INPUT', { where: 'onnx inputs', expected: missing.join(', '), got: 'none of these' });
    const values = new Map<string, Value>();
    for (const [name, { type, shape, data }] of this.model.graph.initializers)
      values.set(name, Value.ofHost(type, shape, data));
    for (const [name, value] of given) values.set(name, value);
    const kept = new Set(given.values());
    /** How many names each value has. */
    const holders = new Map<Value, number>([...values.values()].map((value) => [value, 1]));
    for (const { node, opset, run, last } of this.steps) {
      const { inputs, outputs } = node;
      const call = new Call(node, opset, (branch, given) => {
        if (++this.inner.runs > MOST_RUNS) call.refuse(`at most ${MOST_RUNS} runs of graphs inside of nodes`, 'more');
        return this.runBranch(branch, values, given);
      });
      const operands = inputs.map((name) => values.get(name));
      let results: Value[] = [];
      tf.tidy(() => {
        results = guarded(call, () => [(own?.get(node) ?? run)(call, ...operands)].flat());
        // New orders of the inputs stay for nodes to come.
        return [...results, ...operands].flatMap((value) => value?.tensors() ?? []);
      });
      outputs.forEach((name, i) => {
        const result = results[i];
        if (name === '' || !result || given.has(name)) return;
        values.set(name, result);
        holders.set(result, (holders.get(result) ?? 0) + 1);
      });
      for (const name of last) {
        const value = values.get(name);
        if (!value) continue;
        values.delete(name);
        const left = holders.get(value)! - 1;
        holders.set(value, left);
        if (left === 0 && !kept.has(value)) tf.dispose(value.tensors());
      }
    }
    return new Map(this.outputs.map((name) => [name, values.get(name)!]));
  }

  /** A graph inside of a node, which sees the values of this one. */
  private runBranch(branch: Graph, values: ReadonlyMap<string, Value>, given: readonly Value[] = []): Value[] {
    let graph = this.branches.get(branch);
    if (!graph) {
      const outer = outerNamesOf(branch).map((name): ValueInfo => ({ name, type: undefined, shape: undefined }));
      graph = new OnnxGraph({ ...this.model, graph: { ...branch, inputs: [...branch.inputs, ...outer] } });
      graph.inner = this.inner;
      this.branches.set(branch, graph);
    }
    const originals = new Map<Value, Value>();
    // Orders that values get inside end with the node.
    const inside = graph.model.graph.inputs.flatMap(({ name }, i): [string, Value][] => {
      const original = i < branch.inputs.length ? given[i] : values.get(name);
      if (!original) return [];
      const value = original.forRun();
      originals.set(value, original);
      return [[name, value]];
    });
    return [...graph.runWith(new Map(inside)).values()].map((value) => originals.get(value) ?? value);
  }
}

/** For each node the values that nothing after it needs. */
function lastUses(nodes: readonly Node[], outputs: readonly string[]): Map<Node, string[]> {
  const seen = new Set(outputs);
  const last = new Map<Node, string[]>();
  for (const node of [...nodes].reverse()) {
    const ended = [...new Set([...node.inputs, ...outerNames(node), ...node.outputs])].filter(
      (name) => name !== '' && !seen.has(name),
    );
    for (const name of ended) seen.add(name);
    last.set(node, ended);
  }
  return last;
}

/** Names the node in errors that TensorFlow.js throws, as where shapes do not fit, and where a graph would have to read what it computes. */
function guarded<T>(call: Call, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const isRead = error instanceof GearnnError && error.code === 'E_COMPILE_READ';
    if (error instanceof GearnnError && !isRead) {
      // Those of sizes and of gearnn's own operations know of no node.
      if (error.code.startsWith('E_ONNX') && error.code !== 'E_ONNX_SIZE') throw error;
      const where = `${call.node.op} "${call.node.name}"`;
      return fail(error.code, { ...error.parts, where: `${where}: ${error.parts.where}` });
    }
    return fail('E_ONNX_NODE', {
      where: `${call.node.op} "${call.node.name}"`,
      expected: isRead ? 'sizes, axes and limits that the file or shapes say' : 'inputs that it can take',
      got: isRead ? 'ones that are computed from the input' : (error as Error).message.replace(/\.$/, ''),
      cause: error,
    });
  }
}
