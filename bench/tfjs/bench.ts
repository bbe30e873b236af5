import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { compile, startEngine } from '../../src/engine/index.js';
import { missingOps } from '../../src/models/onnx/check.js';
import { OnnxGraph } from '../../src/models/onnx/graph.js';
import { messageType } from '../../src/models/onnx/messages.js';
import { readModel } from '../../src/models/onnx/parse.js';
import { inputValues } from '../../src/models/onnx/run-onnx.js';
import { sortNodes } from '../../src/models/onnx/sort.js';
import { readTfjs } from '../../src/models/tfjs/read.js';
import { openReference } from '../../src/models/tfjs/reference.js';
import { reduceTo } from '../../src/models/tfjs/translate.js';
import '../../src/ops/index.js';
import { difference } from '../onnx/reference.js';
import { median } from '../peer.js';

/** One model. */
export interface TfjsRow {
  network: string;
  kind: 'graph' | 'layers';
  /** Of its outputs, how many gearnn computes. */
  outputs: [computed: number, all: number];
  /** Operations that gearnn lacks. */
  missing: string[];
  /** From the answer of TensorFlow.js' own executor on the same engine, as a part of its largest value. */
  difference?: number;
  /** The same of onnxruntime's answer for the ONNX file that was made of it. */
  onnxruntime?: number;
  /** Of a forward pass, medians, in turns. */
  seconds?: { gearnn: number; tfjs: number };
}

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gearnn');
/** Side of a picture where a model takes any. */
const SIDE = 192;

/**
 * Answers of every model that scripts/tfjs-real.sh fetched for drawn numbers, against those of TensorFlow.js' executor and, where it is
 * installed, of onnxruntime on the translated file.
 */
export async function benchTfjs(options: {
  engine?: 'tensorflow' | 'wasm';
  only: string;
  steps: number;
  note: (row: TfjsRow) => void;
}): Promise<void> {
  await startEngine({ engine: options.engine });
  const folder = join(CACHE, 'tfjs-networks');
  const all = existsSync(folder) ? readdirSync(folder).sort() : [];
  for (const network of all.filter((name) => name.includes(options.only))) {
    const file = join(folder, network, 'model.json');
    if (existsSync(file)) options.note(await benchModel(network, file, options.steps));
  }
}

async function benchModel(network: string, file: string, steps: number): Promise<TfjsRow> {
  const { kind, message, model } = await readTfjs(file);
  const names = model.graph.outputs.map(({ name }) => name);
  const missing = [...new Set(missingOps(sortNodes(model.graph, names)).map(({ op }) => op))];
  const computed = names.filter((name) => missingOps(sortNodes(model.graph, [name])).length === 0);
  const row: TfjsRow = { network, kind, outputs: [computed.length, names.length], missing };
  if (computed.length === 0) return row;
  const root = mkdtempSync(join(tmpdir(), 'gearnn-bench-'));
  const onnx = join(root, 'model.onnx');
  writeFileSync(onnx, messageType('ModelProto').encode(reduceTo(message, computed)).finish());
  const graph = new OnnxGraph(readModel(onnx));
  const inputs = Object.fromEntries(graph.inputs.map((info) => [info.name, drawn(info)]));
  const given = Object.values(inputs);
  const run = compile((...tensors: tf.Tensor[]) => {
    const named = Object.fromEntries(Object.keys(inputs).map((name, i) => [name, tensors[i]!]));
    const values = graph.run(inputValues(graph.model.graph.inputs, named));
    return Object.fromEntries([...values].map(([name, value]) => [name, tf.clone(value.tensor())]));
  });
  const reference = await openReference(file);
  const [own, theirs] = [run(...given), reference.run(inputs, computed)];
  row.difference = Math.max(...computed.map((name, i) => difference(own[name]!.dataSync(), theirs[i]!.dataSync())));
  row.onnxruntime = await againstOnnxruntime(onnx, inputs, own);
  tf.dispose([own, theirs]);
  const times: Record<'gearnn' | 'tfjs', number[]> = { gearnn: [], tfjs: [] };
  for (let step = 0; step < steps; step++) {
    times.gearnn.push(timed(() => Object.values(run(...given))));
    times.tfjs.push(timed(() => reference.run(inputs, computed)));
  }
  if (steps > 0) row.seconds = { gearnn: median(times.gearnn), tfjs: median(times.tfjs) };
  run.dispose();
  reference.dispose();
  tf.dispose(inputs);
  rmSync(root, { recursive: true });
  return row;
}

function drawn({
  type,
  shape = [],
}: {
  type?: string | undefined;
  shape?: (number | string)[] | undefined;
}): tf.Tensor {
  const sides = shape.map((side, axis) => (typeof side === 'number' ? side : axis === 0 ? 1 : SIDE));
  return type === 'float32' ? tf.randomUniform(sides, 0, 1, 'float32', 3) : tf.randomUniform(sides, 0, 255, 'int32', 3);
}

function timed(forward: () => tf.Tensor[]): number {
  const start = performance.now();
  const outputs = forward();
  for (const output of outputs) output.dataSync();
  tf.dispose(outputs);
  return (performance.now() - start) / 1000;
}

interface Runtime {
  Tensor: new (type: string, data: ArrayLike<number>, shape: number[]) => object;
  InferenceSession: {
    create(path: string): Promise<{
      inputMetadata?: unknown;
      run(feeds: Record<string, object>): Promise<Record<string, { data: ArrayLike<number | bigint> }>>;
    }>;
  };
}

/** The largest difference of all outputs; undefined where onnxruntime-node is not in the cache. */
async function againstOnnxruntime(
  onnx: string,
  inputs: Record<string, tf.Tensor>,
  own: tf.NamedTensorMap,
): Promise<number | undefined> {
  // prettier-ignore
  const folder = join(CACHE, 'onnxruntime-node', 'node_modules', 'onnxruntime-node');
  if (!existsSync(folder)) return undefined;
  const runtime = createRequire(import.meta.url)(folder) as Runtime;
  const session = await runtime.InferenceSession.create(onnx);
  const types = new Map(readModel(onnx).graph.inputs.map(({ name, type }) => [name, type]));
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => {
      const type = types.get(name) ?? 'float32';
      const data = tensor.dataSync();
      return [name, new runtime.Tensor(type, type === 'uint8' ? Uint8Array.from(data) : data, tensor.shape)];
    }),
  );
  const theirs = await session.run(feeds);
  return Math.max(...Object.entries(theirs).map(([name, { data }]) => difference(own[name]!.dataSync(), Array.from(data, Number)))); // prettier-ignore
}

/** What `npm run bench -- tfjs` prints: the table of docs/tfjs.md. */
export function tfjsReport(rows: readonly TfjsRow[]): string {
  const head = ['network', 'outputs', 'TensorFlow.js', 'onnxruntime', 'ms', 'TensorFlow.js', 'lacks'];
  const shown = (value: number | undefined): string => (value === undefined ? '' : value.toExponential(1));
  const lines = rows.map(({ network, outputs, missing, seconds, ...row }) => [
    ...[network, outputs.join(' of '), shown(row.difference), shown(row.onnxruntime)],
    ...[seconds?.gearnn, seconds?.tfjs].map((one) => (one === undefined ? '' : (1000 * one).toFixed(1))),
    missing.map((op) => op.replace('tensorflow.', '')).join(', '),
  ]);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(['---', '---', '---:', '---:', '---:', '---:', '---']), ...lines.map(row)].join('\n');
}
