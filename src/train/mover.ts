import type tf from '../common/tf.cjs';

export interface MoverSettings {
  /** Share of the last update that the next one keeps. */
  momentum: number;
}

/** Makes what moves one weight; it goes with the disposal of what it keeps. */
export type MoverMaker = (weight: tf.Variable, settings: MoverSettings) => Mover;

/** Moves one weight along its gradients. */
export interface Mover {
  /** @param gradient of the loss by the weight, weight decay included. @returns the weight's new value, assigned to it */
  move(gradient: tf.Tensor, rate: tf.Scalar): tf.Tensor;
  /** What it goes on from. */
  kept: tf.Variable[];
}
