// Writes calibration.json beside the adaptors of CamVid and of Penn-Fudan in checkpoints/: which of them serve, by the counts per image of the committed
// experiments that made them, so nothing is computed anew. They are of val, CamVid's of a drive that train holds as well, Penn-Fudan's of twenty
// pictures: what does not surely win there is left to the base. For frames of your own, gearnn calibrate measures again.
//   npx tsx scripts/experiments/calibrate-shipped.ts
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rowByCounts } from '../../src/adapt/measured-row.js';
import { adaptorHash, type CalibrationRow, writeCalibration } from '../../src/adaptor/calibration.js';
import { adaptorFiles, readAdaptorConfig } from '../../src/adaptor/file.js';
import { listAdaptors } from '../../src/adaptor/list.js';
import { canonicalJson, sha256, sha256File } from '../../src/common/files.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { recordedCounts } from '../../src/pipeline/counts.js';
import { readRecord } from '../../src/pipeline/record.js';
import { taskOf } from '../../src/tasks/registry.js';
import type { Metric, PackedCounts } from '../../src/tasks/task.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Shipped {
  checkpoint: string;
  data: string;
  experiments: string[];
  /** Neighbouring images that are drawn together: frames of a drive are alike, pictures are not. */
  block: number;
}

const SHIPPED: Shipped[] = [
  {
    checkpoint: 'camvid-drn-d-22',
    data: 'camvid',
    experiments: ['camvid-jpeg', 'camvid-brightness', 'camvid-h264', 'camvid-resolution'],
    block: 10,
  },
  {
    checkpoint: 'pennfudan-maskrcnn-lite0',
    data: 'pennfudan',
    experiments: ['pennfudan-jpeg', 'pennfudan-brightness'],
    block: 1,
  },
];

for (const shipped of SHIPPED) await calibrate(shipped);

async function calibrate({ checkpoint, data, experiments, block }: Shipped): Promise<void> {
  const path = join(ROOT, 'checkpoints', checkpoint);
  const base = await loadCheckpoint(path);
  const metric = taskOf(base.config).metric(base.config.classes.length);
  const sources = await Promise.all(
    experiments.map(async (name) => {
      const folder = join(ROOT, 'experiments', name);
      return {
        record: await readRecord(join(folder, 'record.jsonl')),
        counts: await recordedCounts(join(folder, 'counts.json')),
      };
    }),
  );
  const rows: CalibrationRow[] = [];
  for (const { level, folder } of await listAdaptors(join(path, 'adaptors'))) {
    const { parameters } = await readAdaptorConfig(folder);
    const hash = await sha256File(join(folder, adaptorFiles(folder)!.tensors));
    const tuned = sha256(canonicalJson({ hash, parameters }));
    for (const { record, counts } of sources) {
      const [own, original] = [`evaluate adaptor ${level}`, `evaluate original ${level}`].map((id) =>
        record.latest(id),
      );
      // What was evaluated is what is shipped.
      if (own?.step.inputs['tuned'] !== tuned) continue;
      const [adapted, before] = [own, original].map((stamp) => stamp && perImage(metric, counts(stamp)));
      if (!adapted || !before) continue;
      const fields = { level, data, samples: 'val', hashes: { [level]: await adaptorHash(folder) } };
      const row = rowByCounts(metric, { base: before, own: adapted }, fields, { block, resamples: 4000 });
      if (row) rows.push(row);
      break;
    }
  }
  await writeCalibration(join(path, 'adaptors'), base.hash, rows);
  for (const { level, base: before, candidate, low, high, serves } of rows)
    console.log(
      ...[level, before.toFixed(3), candidate.toFixed(3), (100 * low).toFixed(2), (100 * high).toFixed(2)],
      serves ? 'adaptor' : 'base',
    );
  const serving = rows.filter(({ serves }) => serves);
  console.log(`${checkpoint}: ${rows.length} levels, ${serving.length} by their adaptors`);
}

function perImage(metric: Metric<never, unknown>, stored?: PackedCounts & { images: number }): unknown[] | undefined {
  return stored && metric.unpack(stored, stored.images);
}
