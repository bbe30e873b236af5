import tf from '../../common/tf.cjs';
import { compile } from '../../engine/compile.js';
import { runningEngine, startEngine } from '../../engine/start.js';
import { splitByValues } from './by-values.js';
import { inFile } from './in-file.js';
import type { ValueInfo } from './model.js';
import { parametersOf } from './parameters.js';
import { readModel } from './parse.js';
import { inputValues } from './run-onnx.js';
import type { ElementType } from './types.js';
import { Value } from './value.js';
import { takeWeights, weightValue } from './weights.js';

/** An ONNX file, ready to be run again and again. */
export interface CompiledOnnx {
  /** What it takes, as the file says it. */
  readonly inputs: readonly ValueInfo[];
  /** Names of what it answers. */
  readonly outputs: readonly string[];
  /**
   * @param inputs by name, as {@link runOnnx} takes them; the caller still owns them
   * @returns the outputs by name, which the caller owns
   * @throws E_ONNX_INPUT, E_ONNX_NODE, E_ONNX_SIZE
   */
  run(inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor>;
  /** Frees its weights and graphs. */
  dispose(): void;
}

/**
 * Reads an ONNX file whose weights stay on the running engine, or the default one where none runs. Its first run with inputs of some shapes makes
 * one native graph of it, where the engine can (docs/compile.md); what values decide, such as the suppression of boxes, runs behind that.
 *
 * @throws E_ONNX_FILE, E_ONNX_EXTERNAL, E_ONNX_GRAPH, E_ONNX_OPS, E_ONNX_QUANTIZED
 */
export async function compileOnnx(path: string): Promise<CompiledOnnx> {
  if (!runningEngine()) await startEngine();
  return inFile(path, () => {
    const model = readModel(path);
    const { front, tail } = splitByValues(model);
    const nodes = [...front.nodes, ...(tail?.nodes ?? [])];
    const outputs = model.graph.outputs.map(({ name }) => name);
    const { parameters, scaled } = parametersOf(model.graph, nodes, outputs);
    // Scales and shifts that are the file's own are weights; those that it has none of are for adaptors.
    const added = new Set(scaled.flatMap(({ scale, shift }) => [scale, shift]));
    const own = parameters.filter(({ name }) => !added.has(name));
    const constants = takeWeights(model, own);
    const weights = own.map(({ name, layout, shape }, i) => ({ name, layout, shape, tensor: constants[i]! }));
    const { inputs } = front;
    const weightValues = (): [string, Value][] =>
      weights.map((weight) => [weight.name, weightValue(weight, weight.tensor)]);
    const types = new Map<string, ElementType>();
    const answer = (...given: tf.Tensor[]): tf.NamedTensorMap => {
      const named = Object.fromEntries(inputs.map(({ name }, i) => [name, given[i]!]));
      const values = front.run(new Map([...inputValues(inputs, named), ...weightValues()]));
      for (const [name, { type }] of values) types.set(name, type);
      return tensorsOf(values);
    };
    const run = compile(answer, undefined, { constants, fold: () => true, shareSizes: true, makesVariables: false });
    return {
      inputs,
      outputs,
      run: (given) =>
        inFile(path, () => {
          inputValues(inputs, given);
          const made = run(...inputs.map(({ name }) => given[name]!));
          if (!tail) return made;
          return tf.tidy(() => {
            const between = Object.entries(made).map(([name, tensor]): [string, Value] => [
              name,
              Value.of(types.get(name)!, tensor),
            ]);
            const ends = tail.run(new Map([...weightValues(), ...between]));
            const all = new Map([...between, ...ends]);
            const answers = tensorsOf(new Map(outputs.map((name) => [name, all.get(name)!])));
            tf.dispose(made);
            return answers;
          });
        }),
      dispose: () => {
        run.dispose();
        tf.dispose(constants);
      },
    };
  });
}

function tensorsOf(values: ReadonlyMap<string, Value>): tf.NamedTensorMap {
  return Object.fromEntries([...values].map(([name, value]) => [name, tf.clone(value.tensor())]));
}
