import tf from '../../common/tf.cjs';
import type { Objective } from './objective.js';

/** How stability training weighs and disturbs. */
export interface StabilityOptions {
  /** Weight of the distance between the outputs; 0 and more. */
  alpha: number;
  /** Standard deviation of the noise on images in 0..1; over 0. */
  sigma: number;
}

/**
 * The labels, and the same answer on an image and on that image with Gaussian noise:
 * `L = cross-entropy(x) + alpha KL(P(x) || P(x + N(0, sigma^2)))`, both averaged over the places that count.
 *
 * Image and disturbed image go through the network as one batch, so that both are normalized by the same statistics.
 *
 * @source Zheng et al., Improving the Robustness of Deep Neural Networks via Stability Training (CVPR 2016), Eq. 2 to 5; their Eq. 5 leaves
 *   out the entropy of P(x), with which the distance of equal outputs is 0
 */
export function stability({ alpha, sigma }: StabilityOptions): Objective {
  return {
    name: 'stability',
    views: ['distorted', 'noisy'],
    noise: sigma,
    needsTarget: true,
    identity: { stability: { alpha, sigma } },
    open: ({ task }) => ({
      losses(forward, { distorted, noisy }, targets) {
        const both = forward(tf.concat([tf.cast(distorted!, 'float32'), noisy!], 0));
        const halves = Object.entries(both).map(([name, output]) => [name, tf.split(output, 2, 0)] as const);
        const [own, others] = [0, 1].map((half) =>
          Object.fromEntries(halves.map(([name, parts]) => [name, parts[half]!])),
        );
        const distance = task.distance(own!, others!, { targets });
        return { ...task.losses(own!, targets), stability: tf.mul(distance, alpha) };
      },
      dispose: () => {},
    }),
  };
}
