import { fail } from '../../common/errors.js';
import type { HeadConfig } from '../../detect/heads/decode.js';
import type { HeadName } from '../../detect/heads/names.js';
import { HEADS } from '../../detect/heads/registry.js';
import type { OnnxInput } from './config.js';
import type { Model } from './model.js';

/** What a user states of the boxes that a network finds. */
export interface HeadOptions {
  /** Kind of the detector. */
  head?: HeadName;
  /** Least score of a box, 0..1. */
  score?: number;
  /** Overlap with a better box above which a box goes, 0..1. */
  overlap?: number;
}

/** Whether ultralytics has exported a file. */
export function isUltralytics({ metadata }: Model): boolean {
  return metadata.get('author')?.toLowerCase() === 'ultralytics';
}

/** The detector that a file is, where its metadata say it. */
export function headIn(model: Model): HeadName | undefined {
  return isUltralytics(model) && model.metadata.get('task') === 'detect' ? 'yolov8' : undefined;
}

/**
 * How the boxes of a detector are read.
 *
 * @param output that is compared
 * @throws E_USAGE for a kind that goes by the size of the input, of a file that takes any
 */
export function headConfig(
  kind: HeadName,
  output: string,
  { score, overlap }: HeadOptions,
  size: OnnxInput['size'],
): HeadConfig {
  const head = HEADS[kind];
  if (head.needsSize && !size)
    fail('E_USAGE', { where: '--size', expected: `the network's, as boxes of ${kind} go by it`, got: 'none' });
  return { kind, output, score: score ?? head.score, overlap: overlap ?? head.overlap };
}
