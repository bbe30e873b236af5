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
  const seen = new Set<string>();
  for (const { text } of levels) {
    const problem =
      text === 'clean' ? 'clean, which is always evaluated' : seen.has(text) ? `${text} twice` : undefined;
    if (problem) {
      fail('E_PIPELINE_CONFIG', {
        where,
        expected: 'levels of distortion, each once',
        got: problem,
        todo: 'Remove it.',
      });
    }
    seen.add(text);
  }
  return levels;
}
