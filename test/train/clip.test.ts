import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { clipped } from '../../src/train/clip.js';
import type { GradientUse } from '../../src/train/loss.js';
import { onEngines } from '../support/engines.js';

/** Gradients (3, 4) and 12, whose norm is 13, as they come through. */
function through(norm: number): number[] {
  const seen: number[] = [];
  tf.tidy(() => {
    const use: GradientUse = {
      variables: [],
      apply: (gradients: tf.NamedTensorMap) => Object.values(gradients).forEach((one) => seen.push(...one.dataSync())),
    };
    clipped(use, norm).apply({ a: tf.tensor1d([3, 4]), b: tf.scalar(12) }, tf.scalar(1));
  });
  return seen;
}

onEngines('train: clipping', () => {
  it('brings all gradients together to the norm, in their direction', () => {
    [1.5, 2, 6].forEach((value, i) => expect(through(6.5)[i]).to.be.closeTo(value, 1e-5));
  });

  it('leaves gradients that are shorter', () => {
    expect(through(13.5)).to.deep.equal([3, 4, 12]);
  });

  it('of nothing is nothing', () => {
    const seen: tf.NamedTensorMap[] = [];
    const use: GradientUse = { variables: [], apply: (gradients) => void seen.push(gradients) };
    tf.tidy(() => void clipped(use, 1).apply({}, tf.scalar(1)));
    expect(seen).to.deep.equal([{}]);
  });
});
