import { fail } from '../common/errors.js';
import { distortionOf } from './registry.js';
import { parseLevel, type Level } from './level.js';

/** Most levels that a range may hold: each is read, or written as a copy, on its own. */
const MOST = 50;

/** Neighbouring levels of one kind. */
export interface LevelRange {
  /** From the first value to the last one, all else of them the same. */
  levels: Level[];
  /** The one in the middle, of two the first: what is made for the range goes by its name. */
  middle: Level;
}

/** Whether a text means a range of levels: only a range has two dots. */
export function isRange(text: string): boolean {
  return text.includes('..');
}

/**
 * Reads a range: a level of which one value is `FROM..TO`, such as `jpeg=8..12` or `brightness=0.5+jpeg=8..12`. Between the two lie the
 * values that differ in the last decimal that either is written with: `brightness=0.2..0.4` is 0.2, 0.3 and 0.4, `0.20..0.40` has 21.
 *
 * @throws E_DISTORT_LEVEL for a text that is none, for ends that are no values of the kind or not in rising order, and for more than 50 levels
 */
export function parseRange(text: string): LevelRange {
  const parts = text.split('+');
  const ranged = parts.filter(isRange);
  const match = /^([^=]+)=(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)(-gop\d+)?$/.exec(ranged[0] ?? '');
  if (ranged.length !== 1 || !match) {
    return refuse(
      text,
      'one value FROM..TO, both as numbers',
      ranged.length > 1 ? 'several' : `"${ranged[0] ?? text}"`,
    );
  }
  const [, kind, from, to, gop = ''] = match as unknown as [string, string, string, string, string?];
  distortionOf(kind, text);
  const decimals = Math.max(...[from, to].map((end) => end.split('.')[1]?.length ?? 0));
  const [first, last] = [from, to].map((end) => Math.round(Number(end) * 10 ** decimals)) as [number, number];
  if (first >= last) return refuse(text, 'the smaller value first, and another one behind it', `${from}..${to}`);
  const count = last - first + 1;
  if (count > MOST) return refuse(text, `at most ${MOST} values, by the last decimal that is written`, String(count));
  const levels = Array.from({ length: count }, (_, i) => {
    const value = ((first + i) / 10 ** decimals).toFixed(decimals);
    return parseLevel(parts.map((part) => (part === ranged[0] ? `${kind}=${value}${gop}` : part)).join('+'));
  });
  return { levels, middle: levels[Math.floor((count - 1) / 2)]! };
}

/** The levels that a text means: those of a range, or the one that it is. @throws E_DISTORT_LEVEL */
export function levelsIn(text: string): Level[] {
  return isRange(text) ? parseRange(text).levels : [parseLevel(text)];
}

function refuse(text: string, expected: string, got: string): never {
  fail('E_DISTORT_LEVEL', {
    where: 'distort.range',
    expected,
    got: `${got} in "${text}"`,
    todo: 'Write for example jpeg=8..12 or brightness=0.2..0.4.',
  });
}
