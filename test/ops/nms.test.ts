import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { compile } from '../../src/engine/index.js';
import { nms } from '../../src/ops/index.js';
import { onEngines } from '../support/engines.js';
import { sample } from './support/differences.js';

/** Greedy, one after the other. */
function naive(boxes: number[][], scores: number[], threshold: number): number[] {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const area = ([x1, y1, x2, y2]: number[]): number => (x2! - x1!) * (y2! - y1!);
  const overlap = (a: number[], b: number[]): number => {
    const width = Math.max(0, Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!));
    const height = Math.max(0, Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!));
    return (width * height) / (area(a) + area(b) - width * height);
  };
  const kept: number[] = [];
  for (const i of order) if (kept.every((other) => overlap(boxes[i]!, boxes[other]!) <= threshold)) kept.push(i);
  return kept;
}

const places = sample(4 * 200, 5);
const BOXES = Array.from({ length: 200 }, (_, i) => {
  const [x, y, width, height] = [...places.subarray(4 * i, 4 * i + 4)].map((value) => 10 * value + 11) as [number, number, number, number]; // prettier-ignore
  return [x, y, x + width, y + height];
});
// Each score four times, so that there are ties.
const SCORES = Array.from(sample(200, 8), (value) => Math.round(value * 25) / 25);

onEngines('nms', () => {
  for (const threshold of [0.3, 0.5, 0.7])
    it(`keeps what a naive loop keeps of 200 boxes with ties, at ${threshold}, compiled too`, () => {
      const expected = naive(BOXES, SCORES, threshold);
      const compiled = compile((boxes: tf.Tensor2D, scores: tf.Tensor1D) => nms(boxes, scores, { most: 250, threshold })); // prettier-ignore
      tf.tidy(() => {
        const { indices, isFilled } = compiled(tf.tensor2d(BOXES), tf.tensor1d(SCORES));
        expect(indices.shape).to.deep.equal([250]);
        const filled = isFilled.dataSync();
        expect([...filled]).to.deep.equal(Array.from({ length: 250 }, (_, i) => Number(i < expected.length)));
        expect([...indices.dataSync().subarray(0, expected.length)]).to.deep.equal(expected);
      });
      compiled.dispose();
    });

  it('stops at as many as there are places, and takes none that scores too little', () => {
    const kept = (options: { most: number; leastScore?: number }): number[] =>
      tf.tidy(() => {
        const { indices, isFilled } = nms(tf.tensor2d(BOXES), tf.tensor1d(SCORES), { threshold: 0.5, ...options });
        const filled = isFilled.dataSync();
        return [...indices.dataSync()].filter((_, i) => filled[i] === 1);
      });
    const all = naive(BOXES, SCORES, 0.5);
    expect(kept({ most: 5 })).to.deep.equal(all.slice(0, 5));
    expect(kept({ most: 200, leastScore: 0.5 })).to.deep.equal(all.filter((i) => SCORES[i]! > 0.5));
  });
});
