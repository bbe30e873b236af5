import type { Dataset } from '../data/dataset.js';
import { taskNamed } from '../tasks/registry.js';
import type { Metric } from '../tasks/task.js';

/** What answers to a dataset's samples are judged by; nothing where they have no labels. */
export function metricOf({ targets, ignore, classes, unlabelled }: Dataset): Metric | undefined {
  return unlabelled ? undefined : taskNamed(targets.name, ignore).metric(classes.length);
}
