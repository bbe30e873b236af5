import { recovered } from './averages.js';
import { formatOverhead, formatShare } from './format.js';
import type { MemoryRow } from './memory.js';
import { rowOf, type Group, type Method, type Results, type SplitSummary } from './results.js';

export const METHOD_MEANINGS: Readonly<Record<Method, string>> = {
  original: 'the base, trained on clean images, at every level',
  adaptor: "the base with that level's few adapted weights",
  switching: 'a whole network fine-tuned for each level',
};

export const GROUP_NAMES: Readonly<Record<Group, string>> = {
  statistics: 'running statistics',
  normalization: 'normalization weights and biases',
  convolution: 'convolutions',
};

/** Network, data and how far the experiment is, in a line. */
export function subtitleText({ network, width, data, averages, levels }: Results): string {
  const done = averages?.levels.length ?? 0;
  const progress = done === levels.length ? `${done} levels` : `${done} of ${levels.length} levels so far`;
  const { split, samples } = data.validate;
  const size = width === 1 ? '' : ` at width ${width}`;
  return `${network}${size}, ${samples} images of ${data.name} ${split}, ${progress}`;
}

/** The result in a sentence. */
export function summaryText({ averages, memory }: Results): string {
  if (!averages) return 'No level has been through every method yet.';
  const { adaptorOverOriginal, adaptorUnderSwitching } = averages.points;
  const gain = adaptorOverOriginal >= 0 ? 'gain' : 'lose';
  const side = adaptorUnderSwitching >= 0 ? 'below' : 'above';
  const overhead = (method: Method): string =>
    formatOverhead(memory.find((row) => row.method === method)?.overhead ?? 0);
  return [
    averages.levels.length === 1 ? 'At one level,' : `Averaged over ${averages.levels.length} levels,`,
    `adaptors ${gain} ${Math.abs(adaptorOverOriginal).toFixed(1)} points of mIoU against the original network`,
    `and end ${Math.abs(adaptorUnderSwitching).toFixed(1)} points ${side} a whole network per level,`,
    `for ${overhead('adaptor')} more parameters instead of ${overhead('switching')}.`,
  ].join(' ');
}

/** What a row of the memory table counts: `1 network, 10 adaptors`. */
export function residentText({ networks, adaptors }: MemoryRow): string {
  const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
  return adaptors === 0
    ? plural(networks, 'network')
    : `${plural(networks, 'network')}, ${plural(adaptors, 'adaptor')}`;
}

/** Share of the full fine-tune's gain at a level that the adaptor has too, as text. */
export function recoveredText(results: Results, level: string): string {
  const [original, adaptor, switching] = (['original', 'adaptor', 'switching'] as const).map(
    (method) => rowOf(results, method, level)?.miou,
  );
  if (typeof original !== 'number' || typeof adaptor !== 'number' || typeof switching !== 'number') return '–';
  return formatShare(recovered(original, adaptor, switching));
}

/** Parts of an adaptor, in parameters by group. */
export function groupSizes({ items, sensitivity }: SplitSummary): Record<Group, number> {
  const sizes = { statistics: 0, normalization: 0, convolution: 0 };
  const chosen = new Set(items);
  for (const { name, group, size } of sensitivity) if (chosen.has(name)) sizes[group] += size;
  return sizes;
}

/** Share of a network's parameters that full fine-tuning moved by more than 2e-4. */
export function changedShareOf({ sensitivity }: SplitSummary): number {
  const total = sensitivity.reduce((sum, { size }) => sum + size, 0);
  return sensitivity.reduce((sum, { size, changed }) => sum + size * changed, 0) / total;
}

/** Where and with what the numbers were made, as names and values. */
export function environmentLines({ environment, data, budget }: Results): [string, string][] {
  const { gearnn, node, engine, engineVersion, tfjs, precision, threads, cpu } = environment;
  return [
    [
      'data',
      `${data.name}: ${data.train.split} (${data.train.samples}), ${data.validate.split} (${data.validate.samples})`,
    ],
    [
      'budget',
      `${budget.text} = ${budget.parameters.toLocaleString('en-US')} parameters per adaptor, by ${budget.granularity}`,
    ],
    ['precision', `${precision.train} in training, ${precision.evaluate} in evaluation`],
    ['engine', `${engine} ${engineVersion}, TensorFlow.js ${tfjs}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`],
    ['machine', `${cpu}, Node.js ${node}`],
    ['gearnn', gearnn],
  ];
}
