import { fail } from '../common/errors.js';
import type { StepValue } from './distortion.js';
import { distortionOf } from './registry.js';

/** One distortion with its strength: `jpeg=30`. */
export interface Step {
  kind: string;
  value: StepValue;
}

/** One distortion setting: what is done to an image, in order. */
export interface Level {
  /** As it is written everywhere, in file names too: `brightness=0.5+jpeg=30`, or `clean`. */
  text: string;
  /** In order of application; none for `clean`. */
  steps: Step[];
}

/** No distortion. */
export const CLEAN: Level = { text: 'clean', steps: [] };

/**
 * Reads a level: `clean`, or `kind=value` steps joined by `+` in order of application.
 *
 * @returns the level in its canonical writing: `jpeg=05` is `jpeg=5`
 * @throws E_DISTORT_LEVEL naming the step that is wrong and what to write instead
 */
export function parseLevel(text: string): Level {
  if (text === CLEAN.text) return CLEAN;
  const steps = text.split('+').map((part) => parseStep(part, text));
  return { text: formatLevel(steps), steps };
}

/** The canonical writing of steps; `clean` where there are none. */
export function formatLevel(steps: readonly Step[]): string {
  if (steps.length === 0) return CLEAN.text;
  return steps.map(({ kind, value }) => `${kind}=${value}`).join('+');
}

function parseStep(part: string, text: string): Step {
  const match = /^([^=]*)=(.*)$/s.exec(part);
  if (!match) {
    fail('E_DISTORT_LEVEL', {
      where: 'distort.level',
      expected: '`clean`, or steps `kind=value` joined by `+`',
      got: part === text ? `"${text}"` : `"${part}" in "${text}"`,
      todo: 'Write for example jpeg=30 or brightness=0.5+jpeg=30.',
    });
  }
  const [, kind, written] = match as unknown as [string, string, string];
  const distortion = distortionOf(kind, text);
  const value = distortion.parse(written);
  if (value !== undefined) return { kind, value };
  fail('E_DISTORT_LEVEL', {
    where: 'distort.level',
    expected: distortion.expected,
    got: `${written === '' ? 'nothing' : written} in "${text}"`,
    todo: distortion.advice(written),
  });
}
