import { fail } from '../common/errors.js';
import { parseLevel, type Level } from '../distort/level.js';

/**
 * Levels of distortion, each once.
 *
 * @param where the field, for messages
 * @throws E_PIPELINE_CONFIG, E_DISTORT_LEVEL
 */
export function uniqueLevels(texts: readonly string[], where: string): Level[] {
  const levels = texts.map(parseLevel);
  const seen = new Map<string, string>();
  for (const [i, { text }] of levels.entries()) {
    const [written, before] = [texts[i]!, seen.get(text)];
    const twice = `${text} twice${before === written ? '' : `, as ${before} and ${written}`}`;
    const problem = text === 'clean' ? 'clean, which is always evaluated' : before === undefined ? undefined : twice;
    if (problem) {
      fail('E_PIPELINE_CONFIG', {
        where,
        expected: 'levels of distortion, each once',
        got: problem,
        todo: 'Remove it.',
      });
    }
    seen.set(text, written);
  }
  return levels;
}
