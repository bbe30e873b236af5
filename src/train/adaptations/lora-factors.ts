import tf from '../../common/tf.cjs';
import { addProductTensor, type Factors } from '../../adaptor/kinds/factors.js';
import { Random } from '../../common/random.js';
import { toReference } from '../../models/layout.js';
import type { Network } from '../../models/network.js';
import type { RankedTensor } from '../../select/ranks.js';
import { gradientTensors } from '../freeze.js';
import { keptAs, moverOf, type Optimizer, type OptimizerSettings } from '../optimizers.js';

/** Low-rank changes that are trained, and how they begin. */
export interface LoraSettings {
  ranks: readonly RankedTensor[];
  /** Of the first values. */
  seed: number;
}

/** As of all weights; what is trained are the factors. */
export interface LoraFactors extends Optimizer {
  /** What the factors are now, by the convolution's name, in a checkpoint's layout. */
  factors(): Map<string, Factors>;
}

/**
 * Trains the factors of low-rank changes: `w = base + down up`, where `down` of shape
 * `[height width in, rank]` begins as PyTorch begins a convolution (uniform up to `1 / sqrt(height width in)`) and `up` of `[rank, out]` at 0.
 *
 * The network's own weights are the sums at all times, so that it computes what merged weights compute.
 *
 * @source Hu et al., LoRA (ICLR 2022); for convolutions Yeh et al., LyCORIS (ICLR 2024): a convolution to the rank, then 1x1 back
 */
export function loraFactors(network: Network, { ranks, seed }: LoraSettings, settings: OptimizerSettings): LoraFactors {
  const rankOf = new Map(ranks.map(({ name, rank }) => [name, rank]));
  const parts = gradientTensors(network, new Set(rankOf.keys())).map(({ name, shape, variable: weight }) => {
    const [height, width, input, out] = weight.shape as [number, number, number, number];
    const inside = height * width * input;
    const rank = rankOf.get(name)!;
    const random = Random.of(seed, 'lora', name);
    const bound = 1 / Math.sqrt(inside);
    const first = Float32Array.from({ length: inside * rank }, () => bound * (2 * random.next() - 1));
    const own = (make: () => tf.Tensor): tf.Variable => tf.tidy(() => tf.variable(make(), false));
    const down = own(() => tf.tensor2d(first, [inside, rank]));
    const up = own(() => tf.zeros([rank, out]));
    return {
      ...{ name, shape, weight, inside, rank, out, down, up },
      base: own(() => tf.clone(weight)),
      downMover: moverOf(down, settings),
      upMover: moverOf(up, settings),
    };
  });
  const kept = parts.flatMap(({ name, down, up, downMover, upMover }): [string, tf.Variable][] => [
    [`${name}.down`, down],
    [`${name}.up`, up],
    ...keptAs(`${name}.down.momentum`, downMover),
    ...keptAs(`${name}.up.momentum`, upMover),
  ]);
  return {
    variables: parts.map(({ weight }) => weight),
    apply(gradients, rate) {
      for (const { weight, inside, out, down, up, base, downMover, upMover } of parts) {
        const dWeight = tf.reshape(gradients[weight.name]!, [inside, out]) as tf.Tensor2D;
        // Both follow from the old values.
        const dDown = tf.matMul(dWeight, up as tf.Tensor2D, false, true);
        const dUp = tf.matMul(down as tf.Tensor2D, dWeight, true);
        const nextDown = downMover.move(dDown, rate) as tf.Tensor2D;
        const nextUp = upMover.move(dUp, rate) as tf.Tensor2D;
        weight.assign(addProductTensor(base, { down: nextDown, up: nextUp }));
      }
    },
    kept: new Map(kept),
    factors: () =>
      new Map(
        parts.map(({ name, shape, rank, out, down, up }) => {
          const [, input, height, width] = shape as [number, number, number, number];
          const downShape = [rank, input, height, width];
          const upShape = [out, rank, 1, 1];
          const values = (factor: tf.Variable, as: number[]): Float32Array =>
            toReference(factor.dataSync() as Float32Array, { shape: as, layout: 'conv' });
          return [
            name,
            {
              down: { shape: downShape, data: values(down, downShape) },
              up: { shape: upShape, data: values(up, upShape) },
            },
          ];
        }),
      ),
    dispose: () => {
      for (const [, variable] of kept) variable.dispose();
      for (const { base } of parts) base.dispose();
    },
  };
}
