import { fail } from '../common/errors.js';
import { distortionOf, distortions } from './registry.js';
import type { Step } from './step.js';

/** Longest distance of key frames that a level may name. */
const LONGEST_GOP = 1000;

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
 * Reads a level: `clean`, or `kind=value` steps joined by `+` in order of application; `-gopN` behind the value of a kind that codes
 * sequences.
 *
 * @returns the level in its canonical writing: `jpeg=05` is `jpeg=5`, and `h264=24-gop1` is `h264=24`
 * @throws E_DISTORT_LEVEL naming the step that is wrong and what to write instead
 */
export function parseLevel(text: string): Level {
  if (text === CLEAN.text) return CLEAN;
  const steps = text.split('+').map((part) => parseStep(part, text));
  return levelOf(steps);
}

/** The level of these steps. */
export function levelOf(steps: Step[]): Level {
  return { text: formatLevel(steps), steps };
}

/** The canonical writing of steps; `clean` where there are none. */
export function formatLevel(steps: readonly Step[]): string {
  if (steps.length === 0) return CLEAN.text;
  return steps.map(({ kind, value, gop }) => `${kind}=${value}${gop === undefined ? '' : `-gop${gop}`}`).join('+');
}

/** Whether a level codes whole sequences of consecutive frames, so that a single picture cannot be brought to it. */
export function codesSequences(level: Level): boolean {
  return level.steps.some(({ gop }) => gop !== undefined);
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
  const [, plain, length] = /^(.*)-gop(.*)$/s.exec(written) ?? [undefined, written];
  const gop = length === undefined ? undefined : parseGop(length, kind, text);
  const value = distortion.parse(plain!);
  if (value !== undefined) return gop === undefined ? { kind, value } : { kind, value, gop };
  fail('E_DISTORT_LEVEL', {
    where: 'distort.level',
    expected: distortion.expected,
    got: `${plain === '' ? 'nothing' : plain} in "${text}"`,
    todo: distortion.advice(plain!),
  });
}

/** The frames from one key frame to the next; undefined for 1, which makes each picture stand alone. */
function parseGop(written: string, kind: string, text: string): number | undefined {
  const coders = distortions.filter(({ applySequence }) => applySequence).map((distortion) => distortion.kind);
  if (!coders.includes(kind)) {
    fail('E_DISTORT_LEVEL', {
      where: 'distort.level',
      expected: `-gop behind a kind that codes sequences (${coders.join(', ')})`,
      got: `${kind} in "${text}"`,
      todo: `Leave -gop${written} out.`,
    });
  }
  const gop = /^\d+$/.test(written) ? Number(written) : 0;
  if (gop >= 1 && gop <= LONGEST_GOP) return gop === 1 ? undefined : gop;
  return fail('E_DISTORT_LEVEL', {
    where: 'distort.level',
    expected: `from 1 to ${LONGEST_GOP} frames behind -gop`,
    got: `${written === '' ? 'nothing' : written} in "${text}"`,
    todo: 'Write a whole number, for example h264=24-gop12.',
  });
}
