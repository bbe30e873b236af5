import { fail } from '../common/errors.js';
import type { LabelMap } from '../image/pixels.js';
import type { TaskName } from '../tasks/names.js';

/** What a network says of a frame. */
export interface Answer {
  /** A class id per pixel, row-major, `height * width`; empty where the answer is one class for the whole frame. */
  mask: Uint8Array;
  /** Then a probability per class, `[classes]`. */
  probabilities?: Float32Array;
}

/** One of the likeliest classes of a frame. */
export interface TopClass {
  id: number;
  class: string;
  /** 0..1 */
  probability: number;
}

const NO_MASK = new Uint8Array(0);

/** How networks of a task answer. */
interface Served {
  /** @param answer of the task's `decode` */
  answerOf(answer: unknown): Answer;
  /** Where an image alone is posted to. */
  route: string;
  /** What the protocol says of the output. */
  output(classes: number): { name: string; datatype: string; shape: number[] };
}

/** Every task: one entry each. */
export const SERVED: Readonly<Record<TaskName, Served>> = {
  classification: {
    answerOf: (answer) => ({ mask: NO_MASK, probabilities: answer as Float32Array }),
    route: '/v1/predict',
    output: (classes) => ({ name: 'probabilities', datatype: 'FP32', shape: [1, classes] }),
  },
  segmentation: {
    answerOf: (answer) => ({ mask: (answer as LabelMap).data }),
    route: '/v1/segment',
    output: () => ({ name: 'mask', datatype: 'UINT8', shape: [1, -1, -1] }),
  },
};

/** The likeliest classes, the likeliest first; of those that are equally likely, the one with the lowest id. */
export function topClasses(probabilities: Float32Array, classes: readonly { name: string }[], count = 5): TopClass[] {
  return classes
    .map(({ name }, id) => ({ id, class: name, probability: probabilities[id]! }))
    .sort((a, b) => b.probability - a.probability || a.id - b.id)
    .slice(0, count);
}

/** Makes sure that a network gives what is asked of it. @throws E_DATA_TASK */
export function requireAnswers(task: TaskName, wanted: TaskName, where: string, todo: string): void {
  if (task === wanted) return;
  fail('E_DATA_TASK', { where, expected: `a network for ${wanted}`, got: `one for ${task}`, todo });
}
