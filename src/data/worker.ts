import sharp from 'sharp';
import { buffersOf } from '../tasks/arrays.js';
import { assembleBatch, type BatchResult, type BatchTask } from './assemble.js';
import { serveTasks } from './serve-tasks.js';
import { loadSource, type SampleSource } from './source.js';

// Each image is small: one thread per image, many images at once, and no second cache of files beside the loader's.
sharp.concurrency(1);
sharp.cache(false);

serveTasks<SampleSource, BatchTask, BatchResult>(async (source) => {
  const dataset = await loadSource(source);
  return async (task) => {
    const result = await assembleBatch(dataset, task);
    const { images, targets, clean } = result.batch;
    const parts = clean ? [images, clean] : [images];
    return { result, transfer: [...parts.map(({ buffer }) => buffer as ArrayBuffer), ...buffersOf(targets)] };
  };
});
