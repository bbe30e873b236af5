import { plural } from '../src/common/plural.js';
import type { Context } from './context.js';
import { printJson, printTable, stdout } from './output.js';

/** How labels in COCO's format are named. */
export const COCO = 'coco:';

/** Average precision of a file of results, as pycocotools has it. */
export async function evaluateResults(
  context: Context,
  results: string,
  labels: string,
  split?: string,
): Promise<void> {
  const { scoreResults } = await import('../src/eval/coco-results.js');
  const { scores, images, detections } = await scoreResults({ results, labels, split, progress: context.progress });
  if (context.json) return printJson({ scores, images, detections });
  const kinds = Object.entries(scores);
  printTable(
    Object.keys(kinds[0]![1]).map((name) => [
      name,
      ...kinds.map(([, own]) => (own as Record<string, number>)[name]!.toFixed(4)),
    ]),
    { head: ['score', ...kinds.map(([kind]) => kind)], align: ['left'] },
  );
  stdout(`\n${plural(detections, 'detection')} in ${plural(images, 'image')}`);
}
