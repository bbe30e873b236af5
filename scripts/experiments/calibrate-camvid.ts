// Writes checkpoints/camvid-drn-d-22/adaptors/calibration.json: which of the shipped adaptors serve, by the counts per image of the committed
// experiments that made them, so nothing is computed anew. They are of val, frames of a drive that train holds as well: what does not win even there
// is left to the base. For frames of your own, gearnn calibrate measures again.
//   npx tsx scripts/experiments/calibrate-camvid.ts
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
import type { Stamp } from '../../src/pipeline/stamp.js';
import { taskOf } from '../../src/tasks/registry.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHECKPOINT = join(ROOT, 'checkpoints/camvid-drn-d-22');
const EXPERIMENTS = ['camvid-jpeg', 'camvid-brightness', 'camvid-h264', 'camvid-resolution'];

const base = await loadCheckpoint(CHECKPOINT);
const metric = taskOf(base.config).metric(base.config.classes.length);
const sources = await Promise.all(
  EXPERIMENTS.map(async (name) => {
    const folder = join(ROOT, 'experiments', name);
    return {
      record: await readRecord(join(folder, 'record.jsonl')),
      counts: await recordedCounts(join(folder, 'counts.json')),
    };
  }),
);
const rows: CalibrationRow[] = [];
for (const { level, folder } of await listAdaptors(join(CHECKPOINT, 'adaptors'))) {
  const { parameters } = await readAdaptorConfig(folder);
  const shipped = sha256(
    canonicalJson({ hash: await sha256File(join(folder, adaptorFiles(folder)!.tensors)), parameters }),
  );
  for (const { record, counts } of sources) {
    const [own, original] = [`evaluate adaptor ${level}`, `evaluate original ${level}`].map((id) => record.latest(id));
    // What was evaluated is what is shipped.
    if (own?.step.inputs['tuned'] !== shipped) continue;
    const [adapted, before] = [own, original].map((stamp) => stamp && perImage(stamp, counts));
    if (!adapted || !before) continue;
    const fields = { level, data: 'camvid', samples: 'val', hashes: { [level]: await adaptorHash(folder) } };
    const row = rowByCounts(metric, { base: before, own: adapted }, fields, { block: 10, resamples: 4000 });
    if (row) rows.push(row);
    break;
  }
}
await writeCalibration(join(CHECKPOINT, 'adaptors'), base.hash, rows);
for (const { level, base: before, candidate, low, high, serves } of rows)
  console.log(
    level,
    before.toFixed(3),
    candidate.toFixed(3),
    (100 * low).toFixed(2),
    (100 * high).toFixed(2),
    serves ? 'adaptor' : 'base',
  );
console.log(`${rows.length} levels, ${rows.filter(({ serves }) => serves).length} by their adaptors`);

function perImage(
  stamp: Stamp,
  counts: (stamp: Stamp) => (Parameters<typeof metric.unpack>[0] & { images: number }) | undefined,
): unknown[] | undefined {
  const stored = counts(stamp);
  return stored && metric.unpack(stored, stored.images);
}
