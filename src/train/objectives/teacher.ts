import type tf from '../../common/tf.cjs';
import type { Objective, OpenObjective, Setting } from './objective.js';

export interface TeacherOptions {
  /** What logits of classes are divided by before the two answers are compared. Default: 1. */
  temperature?: number;
}

/**
 * The base's answer on the clean image, on the distorted one: no labels are needed. How far both are apart is
 * the task's to say (`Task.distance`): of classes `T^2 KL(P_base || P)`. The base keeps its weights and its running statistics.
 *
 * @source Hinton, Vinyals, Dean, Distilling the Knowledge in a Neural Network (2015)
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
        losses: (forward, views, targets) => ({
          teacher: base.distance(forward(views.distorted!), views.clean!, targets),
        }),
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
   * @param targets of the batch: samples, where the network draws them, which both are asked about
   */
  distance(outputs: tf.NamedTensorMap, clean: tf.Tensor4D, targets: tf.NamedTensorMap): tf.Scalar;
}

/** Makes the base once more; it goes with {@link Teacher.dispose}. */
export function openTeacher({ task, makeTeacher }: Setting, temperature: number): Teacher {
  const base = makeTeacher!();
  return {
    distance(outputs, clean, targets) {
      const given = base.openSampler && targets;
      return task.distance(base.forward(clean, undefined, given), outputs, { temperature, targets: given });
    },
    dispose: () => base.dispose(),
  };
}
