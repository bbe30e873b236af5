import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { toReference } from '../../../../src/models/layout.js';
import { isLearned, type Network } from '../../../../src/models/network.js';
import { decodeSafetensors } from '../../../../src/models/safetensors.js';
import { loadStateDict, type StateDict } from '../../../../src/models/state-dict.js';
import type { Size } from '../../../../src/image/resize.js';
import { instancesTask } from '../../../../src/tasks/instances/task.js';
import { expectClose } from '../../../support/engines.js';
import { formulaState, uniform } from '../../support/formula.js';
import { readResults } from '../../support/results.js';

/** What torchvision 0.26 computed, by scripts/fixtures/maskrcnn.py. */
export const fixture = (name: string): string => `test/fixtures/maskrcnn/${name}.safetensors`;

/** The fixtures' weights of a network. */
export function formulaStateOf(network: Network): StateDict {
  const state = formulaState(network.parameters);
  for (const [key, { data }] of state)
    if (/bbox_pred|mask_fcn|cls_/.test(key)) data.forEach((value, i) => (data[i] = value * 0.1));
  return state;
}

/** Gives a network the fixtures' weights. */
export function loadFormula(network: Network): void {
  loadStateDict(network, formulaStateOf(network));
}

/** The fixtures' image of a size in 0..255, `[1, height, width, 3]`. */
export function makeImage({ height, width }: Size): tf.Tensor4D {
  return tf.tidy(() => {
    const values = Float32Array.from(uniform('image', 3 * height * width));
    const picture = tf.transpose(tf.tensor3d(values, [3, height, width]), [1, 2, 0]);
    const sums = (x: tf.Tensor3D): tf.Tensor4D => tf.avgPool(tf.expandDims(tf.pad(x, [[4, 4], [4, 4], [0, 0]])), 9, 1, 'valid') as tf.Tensor4D; // prettier-ignore
    return tf.mul(tf.div(sums(picture), sums(tf.onesLike(picture))), 255);
  });
}

/**
 * Expects the five losses by a fixture's samples, and its sums of the gradients: their norms, and their products with the formula's numbers. Frees the
 * image.
 */
export function expectLosses(network: Network, image: tf.Tensor4D, name: string): void {
  const results = readResults(fixture(name));
  const learned = network.parameters.filter(isLearned);
  tf.tidy(() => {
    const { images } = network.prepare!(image);
    const samples = samplesOf(name);
    const parts: Record<string, tf.Scalar> = {};
    const { value, grads } = tf.variableGrads(
      () => {
        const losses = instancesTask().losses(
          network.forward(images, () => 'running', samples),
          samples,
        );
        for (const [part, loss] of Object.entries(losses)) parts[part] = tf.keep(tf.clone(loss));
        return tf.addN(Object.values(losses)) as tf.Scalar;
      },
      learned.map(({ variable }) => variable),
    );
    const wanted = results.get('losses')!;
    expect(value.dataSync()[0]).to.be.closeTo(
      wanted.reduce((a, b) => a + b),
      1e-4,
    );
    expect(Object.keys(parts)).to.deep.equal(['objectness', 'proposals', 'classes', 'boxes', 'masks']);
    expectClose(
      Object.values(parts).map((part) => part.dataSync()[0]!),
      wanted,
      1e-4,
    );
    tf.dispose(parts);
    const traced = learned.filter((parameter) => results.has(`sums/${parameter.name}`));
    expect(traced).to.have.length([...results.keys()].filter((key) => key.startsWith('sums/')).length);
    for (const parameter of traced) {
      const [norm, product] = results.get(`sums/${parameter.name}`)!;
      const own = toReference(grads[parameter.variable.name]!.dataSync() as Float32Array, parameter);
      const numbers = uniform(`sums/${parameter.name}`, own.length);
      const sum = own.reduce((total, value, i) => total + value * (2 * numbers[i]! - 1), 0);
      const length = Math.sqrt(own.reduce((total, value) => total + value * value, 0));
      expect(Math.abs(length - norm!), `norm of the gradient by ${parameter.name}`).to.be.at.most(1e-3 * norm!);
      expect(Math.abs(sum - product!), `product of the gradient by ${parameter.name}`).to.be.at.most(1e-3 * norm!);
    }
  });
  image.dispose();
}

/** Whole numbers of a fixture. */
export function integers(name: string, tensor: string): Int32Array {
  const { bytes } = decodeSafetensors(readFileSync(fixture(name)), name).tensors.get(tensor)!;
  return new Int32Array(Uint8Array.from(bytes).buffer);
}

/** The fixture's samples as tensors. */
function samplesOf(name: string): tf.NamedTensorMap {
  const { tensors } = decodeSafetensors(readFileSync(fixture(name)), name);
  return Object.fromEntries(
    [...tensors].flatMap(([key, { shape, dtype, bytes }]) => {
      const sample = /^samples\/(.*)$/.exec(key)?.[1];
      if (sample === undefined) return [];
      const { buffer } = Uint8Array.from(bytes);
      const isWhole = dtype === 'I32';
      const data = isWhole ? new Int32Array(buffer) : new Float32Array(buffer);
      return [[sample, tf.tensor(data, [...shape], isWhole ? 'int32' : 'float32')]];
    }),
  );
}
