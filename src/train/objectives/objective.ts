import type tf from '../../common/tf.cjs';
import type { Network } from '../../models/network.js';
import type { Task } from '../../tasks/task.js';

/** What is looked at: the image as it is trained on, the same crop of it before it was distorted, or the image with noise. */
export type View = 'distorted' | 'clean' | 'noisy';

/** Images of a batch `[batch, height, width, 3]` in 0..255, all of one crop: those that an objective asks for. */
export type Views = Partial<Record<View, tf.Tensor4D>>;

/** What a network is trained for. */
export interface Objective {
  /** As options name it: `labels`. */
  readonly name: string;
  readonly views: readonly View[];
  /** Standard deviation of the noise of `noisy`, of images in 0..1; over 0. */
  readonly noise?: number;
  /** Needs labels; else samples without any can be trained on. */
  readonly needsTarget: boolean;
  /** What a training run notes of it, by name: nothing for labels alone, so that runs keep the identities that they had without others. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Readies it on the running engine. */
  open(setting: Setting): OpenObjective;
}

/** What an objective is made for. */
export interface Setting {
  task: Task;
  /** Makes the network that is fine-tuned once more, with the weights that it has at first. */
  makeTeacher?(): Network;
}

/** An objective that is ready to be compiled. */
export interface OpenObjective {
  /**
   * Scalars by name, averages over the batch, each with its weight in it: training follows their sum.
   *
   * @param forward of the network that is trained; called once, as a pass may move running statistics
   * @param targets of the batch; empty where none are needed
   */
  losses(
    forward: (images: tf.Tensor4D) => tf.NamedTensorMap,
    views: Views,
    targets: tf.NamedTensorMap,
  ): Record<string, tf.Scalar>;
  dispose(): void;
}
