import tf from '../../common/tf.cjs';
import type { Objective } from './objective.js';
import { openTeacher, type TeacherOptions } from './teacher.js';

export interface LabelsAndTeacherOptions extends TeacherOptions {
  /** Of the distance from the base's answer; the labels' weight is 1. */
  weight: number;
}

/** The labels, and the base's answer on the clean image: `L = L_labels + weight L_teacher`, from one forward pass. */
export function labelsAndTeacher({ weight, temperature = 1 }: LabelsAndTeacherOptions): Objective {
  return {
    name: 'labels+teacher',
    views: ['distorted', 'clean'],
    needsTarget: true,
    identity: { objective: 'labels+teacher', weight, temperature },
    open(setting) {
      const base = openTeacher(setting, temperature);
      return {
        losses(forward, { distorted, clean }, targets) {
          const outputs = forward(distorted!);
          const teacher = tf.mul(base.distance(outputs, clean!, targets), weight);
          return { ...setting.task.losses(outputs, targets), teacher: teacher as tf.Scalar };
        },
        dispose: () => base.dispose(),
      };
    },
  };
}
