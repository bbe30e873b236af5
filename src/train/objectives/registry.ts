import { fail } from '../../common/errors.js';
import { labels } from './labels.js';
import { labelsAndTeacher } from './labels-and-teacher.js';
import type { Objective } from './objective.js';
import { stability } from './stability.js';
import { teacher } from './teacher.js';

/** A kind of objective, and the numbers that may follow its name. */
interface ObjectiveKind {
  /** `teacher[:TEMPERATURE]` */
  form: string;
  /** In a line, for help. */
  description: string;
  /** @returns undefined for numbers that it cannot be made with */
  make(...numbers: number[]): Objective | undefined;
}

/** Every objective: one line each. */
export const OBJECTIVES = {
  labels: { form: 'labels', description: 'the labels', make: (...rest) => (rest.length === 0 ? labels : undefined) },
  stability: {
    form: 'stability:ALPHA:SIGMA',
    description: 'the labels, and the same answer on images with noise',
    make: (alpha = NaN, sigma = NaN, ...rest) =>
      alpha >= 0 && sigma > 0 && rest.length === 0 ? stability({ alpha, sigma }) : undefined,
  },
  teacher: {
    form: 'teacher[:TEMPERATURE]',
    description: "the base's answer on the clean image",
    make: (temperature = 1, ...rest) => (temperature > 0 && rest.length === 0 ? teacher({ temperature }) : undefined),
  },
  'labels+teacher': {
    form: 'labels+teacher:WEIGHT[:TEMPERATURE]',
    description: 'both',
    make: (weight = NaN, temperature = 1, ...rest) =>
      weight > 0 && temperature > 0 && rest.length === 0 ? labelsAndTeacher({ weight, temperature }) : undefined,
  },
} satisfies Record<string, ObjectiveKind>;

/** What {@link parseObjective} reads. */
export const OBJECTIVE_FORMS = Object.values(OBJECTIVES).map(({ form }) => form);

/**
 * Reads an objective: `labels`, `teacher`, `teacher:2`, `labels+teacher:0.5`.
 *
 * @throws E_USAGE for another text
 */
export function parseObjective(text: string): Objective {
  const objective = readObjective(text);
  return objective ?? fail('E_USAGE', { where: 'objective', expected: OBJECTIVE_FORMS.join(', '), got: `"${text}"` });
}

/** Whether {@link parseObjective} reads a text. */
export function isObjective(text: string): boolean {
  return readObjective(text) !== undefined;
}

function readObjective(text: string): Objective | undefined {
  const [name, ...numbers] = text.split(':') as [string, ...string[]];
  const kind = Object.hasOwn(OBJECTIVES, name) ? (OBJECTIVES as Record<string, ObjectiveKind>)[name] : undefined;
  const isRead = numbers.every((number) => number.trim() !== '' && Number.isFinite(Number(number)));
  return isRead ? kind?.make(...numbers.map(Number)) : undefined;
}
