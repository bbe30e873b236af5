import * as tf from '@tensorflow/tfjs';
import type { Task } from '../../tasks/task.js';
import { meanDivergence } from './divergence.js';
import type { Objective, OpenObjective, Setting } from './objective.js';

export interface TeacherOptions {
  /** What logits of classes are divided by before the two answers are compared. Default: 1. */
  temperature?: number;
}

/** Keeps the distance of outputs that are 0 finite. */
const LEAST = 1e-12;

/**
 * The base's answer on the clean image, on the distorted one: no labels are needed. Of a task with classes the distance is
 * `T^2 KL(P_base || P)`, averaged over all pixels, or images, of softmax outputs at temperature T; of any other output it is
 * {@link relativeDistance}. The base keeps its weights and its running statistics.
 *
 * @source Hinton, Vinyals, Dean, Distilling the Knowledge in a Neural Network (2015), which also has the factor T^2, with which gradients
 *   keep their size
 */
export function teacher({ temperature = 1 }: TeacherOptions = {}): Objective {
  return {
    name: 'teacher',
    views: ['distorted', 'clean'],
    needsTarget: false,
    identity: { objective: 'teacher', temperature },
    open(setting) {
      const base = openTeacher(setting, temperature);
      return {
        losses: (forward, views) => ({ teacher: base.distance(forward(views.distorted!), views.clean!) }),
        dispose: () => base.dispose(),
      };
    },
  };
}

/** A base that answers, and how far other answers are from its own. */
export interface Teacher extends Pick<OpenObjective, 'dispose'> {
  /**
   * @param outputs of the network that is trained
   * @param clean what the base sees
   */
  distance(outputs: tf.NamedTensorMap, clean: tf.Tensor4D): tf.Scalar;
}

/** Makes the base once more; it goes with {@link Teacher.dispose}. */
export function openTeacher({ task, makeTeacher }: Setting, temperature: number): Teacher {
  const base = makeTeacher!();
  return {
    distance: (outputs, clean) => distanceOf(base.forward(clean), outputs, task, temperature),
    dispose: () => base.dispose(),
  };
}

function distanceOf(
  answers: tf.NamedTensorMap,
  outputs: tf.NamedTensorMap,
  { classLogits }: Pick<Task, 'classLogits'>,
  temperature: number,
): tf.Scalar {
  const distances = Object.entries(answers).map(([name, answer]) => {
    if (name !== classLogits) return relativeDistance(answer, outputs[name]!);
    return tf.mul(meanDivergence(answer, outputs[name]!, { temperature }), temperature ** 2);
  });
  return tf.div(
    distances.reduce((sum, distance) => tf.add(sum, distance)),
    distances.length,
  );
}

/** Squared distance of an output from an answer, in terms of the answer's own square: `|y - a|^2 / |a|^2`, over the whole batch. */
export function relativeDistance(answer: tf.Tensor, output: tf.Tensor): tf.Scalar {
  return tf.tidy(() =>
    tf.div(tf.sum(tf.squaredDifference(output, answer)), tf.maximum(tf.sum(tf.square(answer)), LEAST)),
  );
}
