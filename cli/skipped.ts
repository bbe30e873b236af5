import { skippedText, type SkippedFile } from '../src/serve/image-folder.js';
import type { Context } from './context.js';

/** Says once, with counts, what lies in the folders of images and is not answered. */
export function sayWhatIsSkipped(context: Context, skipped: readonly SkippedFile[]): void {
  if (skipped.length === 0) return;
  const files = skipped.length === 1 ? '1 file' : `${skipped.length} files`;
  context.note(`${files} in these folders skipped: ${skippedText(skipped)}. First: ${skipped[0]!.path}`);
}
