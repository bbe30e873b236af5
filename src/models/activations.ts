import type tf from '../common/tf.cjs';
import type { Activations } from './network.js';

/** What the layers of a network hold while it answers, from their shapes alone. */
export function activationsOf(model: tf.LayersModel, stride: number): Activations {
  // Large enough that shapes that are rounded up do not count.
  const side = 64 * stride;
  const shapes = new Map<tf.SymbolicTensor, number[]>();
  const steps: { inputs: tf.SymbolicTensor[]; output: tf.SymbolicTensor }[] = [];
  for (const layer of model.layers) {
    for (const { inputTensors: inputs, outputTensors } of layer.inboundNodes) {
      const output = outputTensors[0]!;
      // An input layer's node has its output for its input.
      if (inputs.length === 0 || inputs[0] === output) {
        shapes.set(
          output,
          output.shape.map((length, axis) => length ?? (axis === 0 ? 1 : side)),
        );
        steps.push({ inputs: [], output });
        continue;
      }
      const from = inputs.map((input) => shapes.get(input));
      // A node of another model that shares the layer.
      if (from.includes(undefined)) continue;
      shapes.set(output, layer.computeOutputShape((from.length === 1 ? from[0] : from) as tf.Shape) as number[]);
      steps.push({ inputs, output });
    }
  }
  const size = (tensor: tf.SymbolicTensor): number => shapes.get(tensor)!.reduce((product, n) => product * n, 1);
  const last = new Map<tf.SymbolicTensor, number>();
  steps.forEach(({ inputs }, i) => inputs.forEach((input) => last.set(input, i)));
  let [alive, peak, sum] = [0, 0, 0];
  steps.forEach(({ inputs, output }, i) => {
    alive += size(output);
    peak = Math.max(peak, alive);
    sum += size(output);
    for (const input of new Set(inputs)) if (last.get(input) === i) alive -= size(input);
  });
  return { peak: peak / side ** 2, sum: sum / side ** 2 };
}
