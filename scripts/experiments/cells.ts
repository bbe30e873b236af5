// Writes experiments/NAME/cells.json: how sure an experiment's adaptors are better than the equally long fine-tune on clean pictures, level by level
// and score by score, by the counts per image that are committed beside its results; nothing is computed anew.
//   npx tsx scripts/experiments/cells.ts pennfudan-jpeg
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../../src/common/errors.js';
import { writeJsonAtomic } from '../../src/common/files.js';
import { type CountsPair, pairedInterval } from '../../src/eval/bootstrap.js';
import { recordedCounts } from '../../src/pipeline/counts.js';
import { readRecord } from '../../src/pipeline/record.js';
import { readResults } from '../../src/report/results.js';
import { scoreOf } from '../../src/report/rows.js';
import { taskNamed } from '../../src/tasks/registry.js';

const [METHOD, AGAINST] = ['adaptor', 'control'];

const [name = ''] = process.argv.slice(2);
const folder = join(fileURLToPath(new URL('../..', import.meta.url)), 'experiments', name);
const results = await readResults(join(folder, 'results.json'));
const record = await readRecord(join(folder, 'record.jsonl'));
const counts = await recordedCounts(join(folder, 'counts.json'));
const metric = taskNamed('instances', -1).metric(results.classes.length);
const { block, resamples } = results.intervals[0]!;
const settings = { block, resamples, seed: 1 };

/** Counts of each image of an evaluation, by which the results' own score was computed. */
function perImage(method: string, level: string): unknown[] {
  const stamp = record.latest(`evaluate ${method} ${level}`);
  const stored = stamp && counts(stamp);
  if (!stored)
    return fail('E_EVAL_COUNTS', { where: `${folder}: ${method} ${level}`, expected: 'counts', got: 'none' });
  const images = metric.unpack(stored, stored.images);
  const sum = images.reduce((all, one) => (metric.merge(all as never, one as never), all), metric.none());
  const [own, shown] = [metric.scores(sum as never)[metric.primary]!, scoreOf(results, method, level)!];
  if (Math.abs(own - shown) > 1e-9)
    fail('E_EVAL_COUNTS', {
      where: `${folder}: ${method} ${level}`,
      expected: `the results' ${shown}`,
      got: String(own),
    });
  return images;
}

const cells = results.averages!.levels.flatMap((level) => {
  const pair: CountsPair = [perImage(AGAINST!, level), perImage(METHOD!, level)];
  return (results.compared ?? [metric.primary]).map((score) => {
    const found = pairedInterval(metric, [pair], { ...settings, score });
    const [points, low, high] = [found.difference, found.low, found.high].map((share) => 100 * share);
    return { method: METHOD, against: AGAINST, level, score, points, low, high };
  });
});
await writeJsonAtomic(join(folder, 'cells.json'), { ...settings, cells });
for (const { level, score, points, low, high } of cells)
  console.log(level, score, ...[points, low, high].map((value) => value!.toFixed(2)));
