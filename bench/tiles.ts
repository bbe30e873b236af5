import { parseTile } from '../cli/large-options.js';
import { readPair } from '../src/data/pair.js';
import { openDataset } from '../src/data/registry.js';
import { startEngine } from '../src/engine/start.js';
import { ConfusionMatrix } from '../src/tasks/segmentation/confusion.js';
import { scoresOf } from '../src/tasks/segmentation/iou.js';
import { createPredictor } from '../src/eval/predictor.js';
import { cutOf } from '../src/eval/tile-memory.js';
import { planTiles } from '../src/eval/tiles.js';
import type { LabelMap } from '../src/image/pixels.js';
import { resizeLabels, resizePixels } from '../src/image/resize.js';
import { loadCheckpoint, networkOf } from '../src/models/checkpoint.js';
import { segmentationTask } from '../src/tasks/segmentation/task.js';

export interface TilesRow {
  /** `none` for whole frames, which the others are compared with. */
  tile: string;
  /** Tiles of a frame. */
  tiles: number;
  /** Share of the pixels whose class is another than the whole frame's, 0..1. */
  differ: number;
  miou: number;
  /** Of a frame, median. */
  seconds: number;
}

/** What cutting frames into tiles changes, on the pictures of a dataset brought to `size` by bilinear resizing. */
export async function benchTiles(options: {
  checkpoint: string;
  data: string;
  split: string;
  images: number;
  size: { height: number; width: number };
  tiles: string[];
}): Promise<TilesRow[]> {
  await startEngine();
  const checkpoint = await loadCheckpoint(options.checkpoint);
  const { ignore } = checkpoint.config;
  const network = networkOf(checkpoint);
  const dataset = await openDataset(options.data);
  const all = await dataset.samples(options.split);
  const every = Math.max(1, Math.floor(all.length / options.images));
  const samples = all.filter((_, i) => i % every === 0).slice(0, options.images);
  const pairs = await Promise.all(samples.map((sample) => readPair(dataset, sample)));
  const { height, width } = options.size;
  const frames = pairs.map(({ image, target }) => ({
    images: resizePixels(image, options.size).data,
    label: resizeLabels(target as LabelMap, options.size).data,
  }));
  const rows: TilesRow[] = [];
  let whole: Uint8Array[] | undefined;
  for (const text of ['none', ...options.tiles]) {
    const tile = parseTile(text);
    const predictor = createPredictor(network, segmentationTask(ignore), { changing: new Set(), tile });
    predictor.predict({ images: frames[0]!.images, batch: 1, height, width });
    const confusion = new ConfusionMatrix(dataset.classes.length);
    const seconds: number[] = [];
    const answers = frames.map(({ images, label }) => {
      const start = performance.now();
      const answer = predictor.predict({ images, batch: 1, height, width })[0]!.data;
      seconds.push((performance.now() - start) / 1000);
      confusion.add(label, answer, dataset.ignore);
      return answer;
    });
    predictor.dispose();
    whole ??= answers;
    const others = answers.reduce((sum, answer, i) => sum + answer.filter((id, at) => id !== whole![i]![at]).length, 0);
    const { tiling, pixels } = cutOf(network, tile);
    const plan =
      tile === 'none' ? undefined : planTiles(options.size, options.size, network.input.stride, tiling ?? pixels);
    rows.push({
      tile: text,
      tiles: plan ? plan.rows.length * plan.columns.length : 1,
      differ: others / (frames.length * height * width),
      miou: scoresOf(confusion).miou,
      seconds: seconds.sort((a, b) => a - b)[seconds.length >> 1]!,
    });
  }
  network.dispose();
  return rows;
}
