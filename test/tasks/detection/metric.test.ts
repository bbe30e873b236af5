import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../../src/common/random.js';
import type { Detections, Instances } from '../../../src/detect/instances.js';
import { pairedInterval } from '../../../src/eval/bootstrap.js';
import { scoreResults } from '../../../src/eval/coco-results.js';
import { nestedScores } from '../../../src/eval/nested-scores.js';
import { detectionMetric, type DetectionCounts } from '../../../src/tasks/detection/metric.js';
import { cocoResults, imageIdOf } from '../../../src/tasks/detection/results.js';
import { instancesTask } from '../../../src/tasks/instances/task.js';
import { detectionTask } from '../../../src/tasks/detection/task.js';
import { areaBelow, elevenPointPrecision, vocMatches } from '../../../src/tasks/detection/voc.js';
import { openDataset } from '../../../src/data/registry.js';

const SPEC = 'scenes:5@96x160/instances';

/** Scenes, and what a detector finds that misses some objects, moves others and sees some that are not there. */
async function scenes(count: number, skill: number): Promise<{ truth: Instances; found: Detections; id: string }[]> {
  const dataset = await openDataset(SPEC);
  return Promise.all(
    dataset.samples('train').slice(0, count).map(async (sample) => {
      const truth = (await dataset.readTarget(sample)) as Instances;
      const random = Random.of(9, sample.id);
      const rows = [...truth.ids.keys()].filter(() => random.next() < skill);
      const moved = rows.map((row) => {
        const shift = Math.round(random.normal() * 3 * (1 - skill));
        return [...truth.boxes.subarray(4 * row, 4 * row + 4)].map((value, i) => (i < 2 ? value + shift : value));
      });
      const found: Detections = {
        ...{ width: truth.width, height: truth.height },
        boxes: Float64Array.from(moved.flat()),
        scores: Float64Array.from(rows, () => random.next()),
        classes: Int32Array.from(rows, (row) => (random.next() < 0.9 ? truth.classes[row]! : 3 - truth.classes[row]!)),
        masks: rows.map((row) => truth.masks![row]!),
      };
      return { truth, found, id: sample.id };
    }),
  ); // prettier-ignore
}

function countsOf(all: Awaited<ReturnType<typeof scenes>>): DetectionCounts[] {
  const task = instancesTask();
  const metric = task.metric(3);
  return all.map(({ truth, found, id }) => metric.count(task.collate([truth], [id]), found, id));
}

describe('tasks: average precision of objects', () => {
  it("written in COCO's format, detections have the scores that the metric gives them", async () => {
    const all = await scenes(20, 0.6);
    const metric = detectionMetric(3, ['bbox', 'segm']);
    const sum = metric.none();
    for (const counts of countsOf(all)) metric.merge(sum, counts);
    const folder = await mkdtemp(join(tmpdir(), 'gearnn-metric-'));
    try {
      const images = all.map(({ truth }, id) => ({
        id,
        file_name: `${id}.png`,
        width: truth.width,
        height: truth.height,
      }));
      const annotations = all.flatMap(({ truth }, image) =>
        cocoResults({ ...truth, scores: truth.areas }, image).map((own, i) => {
          return { ...own, id: 1000 * image + i + 1, area: truth.areas[i], iscrowd: 0 };
        }),
      );
      const categories = [1, 2].map((id) => ({ id, name: `category ${id}` }));
      const [labels, results] = [join(folder, 'truth.json'), join(folder, 'results.json')];
      await writeFile(labels, JSON.stringify({ images, annotations, categories }));
      await writeFile(results, JSON.stringify(all.flatMap(({ found }, image) => cocoResults(found, image))));
      const { scores } = await scoreResults({ labels, results });
      expect(nestedScores(metric.scores(sum))).to.deep.equal(scores);
      expect(scores.segm!.AP).to.be.within(0.3, 0.9);
      expect(scores.bbox!.AP).to.be.below(scores.segm!.AP);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('intervals are drawn from counts of images: of a better detector they lie above 0', async () => {
    const [worse, better] = [countsOf(await scenes(40, 0.4)), countsOf(await scenes(40, 0.8))];
    const metric = instancesTask().metric(3);
    const options = { block: 1, resamples: 100, seed: 1 };
    const { difference, low, high } = pairedInterval(metric, [[worse, better]], options);
    const scoreOf = (counts: readonly DetectionCounts[]): number => {
      const sum = metric.none();
      for (const one of counts) metric.merge(sum, one);
      return metric.scores(sum)['segm.AP']!;
    };
    expect(difference).to.equal(scoreOf(better) - scoreOf(worse));
    expect(0 < low && low < difference && difference < high).to.equal(true);
  });

  it('masks are asked for where masks are compared, and not where boxes are', async () => {
    const [{ truth, found, id }] = (await scenes(1, 0.9)) as [Awaited<ReturnType<typeof scenes>>[0]];
    const bare = { ...truth, masks: undefined };
    const target = instancesTask().collate([bare], [id]);
    expect(() => instancesTask().metric(3).count(target, found, id))
      .to.throw(id)
      .with.property('code', 'E_DATA_TASK');
    expect(Object.keys(detectionTask().metric(3).count(target, found, id))).to.deep.equal(['bbox']);
    expect(() => detectionTask().metric(1).count(target, found, id))
      .to.throw(id)
      .with.property('code', 'E_EVAL_ID');
  });

  it('answers are brought to the size that labels have, where pictures came smaller', () => {
    const values = {
      boxes: { dtype: 'float32' as const, shape: [1, 2, 4], data: Float32Array.of(1, 2, 5, 6, 0, 0, 0, 0) },
      labels: { dtype: 'int32' as const, shape: [1, 2], data: Int32Array.of(1, -1) },
      scores: { dtype: 'float32' as const, shape: [1, 2], data: Float32Array.of(0.5, 0) },
    };
    const [found] = detectionTask().decode(values, { width: 40, height: 30 }, { width: 20, height: 10 });
    expect([...found!.boxes]).to.deep.equal([2, 6, 8, 12]);
    expect([found!.width, found!.height, found!.scores.length]).to.deep.equal([40, 30, 1]);
  });

  it("COCO's pictures are called by their ids", () => {
    expect(['a/000000000139.jpg', 'FudanPed00001.png', 'x.tar.png'].map(imageIdOf)).to.deep.equal([
      139,
      'FudanPed00001',
      'x.tar',
    ]);
  });
});

describe("tasks: Pascal VOC's rules", () => {
  it('a detection looks at its best object alone: a second one is a false alarm, one of a crowd counts nowhere', () => {
    const overlaps = Float64Array.from([
      ...[0.9, 0.6, 0],
      ...[0.8, 0.7, 0],
      ...[0, 0.49, 0],
      ...[0, 0.1, 0.6],
      ...[0, 0.5, 0],
    ]);
    expect(vocMatches([0, 0, 1], overlaps, 5)).to.deep.equal([1, 0, 0, 2, 1]);
  });

  it('the mean over eleven recalls, and the area below the curve', () => {
    const curve = { recall: Float64Array.of(0.25, 0.25, 0.5, 0.5), precision: Float64Array.of(1, 0.5, 2 / 3, 0.5) };
    expect(elevenPointPrecision(curve)).to.be.closeTo((3 * 1 + 3 * (2 / 3)) / 11, 1e-12);
    expect(areaBelow(curve)).to.be.closeTo(0.25 + 0.25 * (2 / 3), 1e-12);
  });
});
