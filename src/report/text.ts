import { plural } from '../common/plural.js';
import { machineText } from '../engine/machine.js';
import type { MemoryRow } from '../select/memory.js';
import type { Group } from '../select/split-summary.js';
import { recovered } from './averages.js';
import { formatOverhead, formatPoints, formatScore, formatShare } from './format.js';
import { gainOver, metricOf } from './metrics.js';
import { nameOf, scoreOf } from './rows.js';
import type { MethodInfo, Results } from './schema.js';

export const GROUP_NAMES: Readonly<Record<Group, string>> = {
  statistics: 'running statistics',
  normalization: 'normalization weights and biases',
  convolution: 'convolutions',
};

/** Network, data and how far the experiment is, in a line. */
export function subtitleText({ network, width, data, averages, levels }: Results): string {
  const done = averages?.levels.length ?? 0;
  const all = plural(levels.length, 'level');
  const progress = done === levels.length ? all : `${done} of ${all} so far`;
  const { split, samples } = data.validate;
  const size = width === 1 ? '' : ` at width ${width}`;
  const compared = data.agreement ? ", compared with the base's own answers on the clean ones" : '';
  return `${network}${size}, ${samples} images of ${data.name} ${split}${compared}, ${progress}`;
}

/** The result in a sentence: of the adaptor, where it is compared with the others. */
export function summaryText(results: Results): string {
  const { averages, memory } = results;
  if (!averages) return 'No level has been through every method yet.';
  const where = averages.levels.length === 1 ? 'At one level,' : `Averaged over ${averages.levels.length} levels,`;
  const adaptor = nameOf(results, 'adaptor');
  const switching = nameOf(results, 'switching');
  const { overOriginal, overSwitching } = averages.points[adaptor ?? ''] ?? {};
  if (typeof overOriginal !== 'number') return `${where} ${bestText(results, averages)}.`;
  const overhead = (method: string): string =>
    formatOverhead(memory.find((row) => row.method === method)?.overhead ?? 0);
  const gain = overOriginal >= 0 ? 'gain' : 'lose';
  const first = `${where} adaptors ${gain} ${Math.abs(overOriginal).toFixed(1)} points of ${metricOf(results).label} against the original network`;
  if (typeof overSwitching !== 'number') return `${first}, for ${overhead(adaptor!)} more parameters.`;
  const side = overSwitching <= 0 ? 'below' : 'above';
  return [
    first,
    `and end ${Math.abs(overSwitching).toFixed(1)} points ${side} a whole network per level,`,
    `for ${overhead(adaptor!)} more parameters instead of ${overhead(switching!)}.`,
  ].join(' ');
}

function bestText(results: Results, { means }: NonNullable<Results['averages']>): string {
  const metric = metricOf(results);
  const [name, score] = Object.entries(means).reduce((a, b) => (gainOver(b[1], a[1], metric) > 0 ? b : a));
  const best = metric.isDistance ? 'lowest' : 'highest';
  return `${name} has the ${best} mean ${metric.label}, ${formatScore(score, metric)}`;
}

/** What a method is, with the options that tell it from others of its kind: `one network … (alpha 0.5, sigma 0.02)`. */
export function methodText({ description, options }: Pick<MethodInfo, 'description' | 'options'>): string {
  const named = Object.entries(options).map(([option, value]) => {
    const words = option.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return `${words} ${valueText(value)}`;
  });
  return named.length === 0 ? description : `${description} (${named.join(', ')})`;
}

/** `a, b` of a list; `jpeg=5 jpeg=4..6` of what holds names and values. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${String(inner)}`)
    .join(', ');
}

/** A row per method: its mean score, what that is over the original and over switching, and what it keeps in memory. */
export function methodRows({ methods, averages, memory, rows }: Results): string[][] {
  const points = (value: number | null | undefined): string => (typeof value === 'number' ? formatPoints(value) : '–');
  return methods.map((method) => {
    const { name } = method;
    const { overOriginal, overSwitching, overControl } = averages?.points[name] ?? {};
    const row = memory.find((each) => each.method === name);
    return [
      name,
      methodText(method),
      formatScore(averages?.means[name], metricOf({ rows })),
      points(overOriginal),
      points(overSwitching),
      ...(hasControl({ methods }) ? [points(overControl)] : []),
      row ? formatOverhead(row.overhead) : '–',
    ];
  });
}

/** Heads of {@link methodRows}. */
export function methodHead(results: Pick<Results, 'rows' | 'methods'>): string[] {
  const mean = `mean ${metricOf(results).label}`;
  const control = hasControl(results) ? ['over control'] : [];
  return ['method', 'what it is', mean, 'over original', 'over switching', ...control, 'more parameters'];
}

/** Whether a fine-tune on clean images is compared. */
export function hasControl({ methods }: Pick<Results, 'methods'>): boolean {
  return nameOf({ methods }, 'control') !== undefined;
}

/** Whether all three of the paper's own comparison are there, which "recovered" is computed from. */
export function hasRecovered(results: Results): boolean {
  return ['original', 'adaptor', 'switching'].every((kind) => nameOf(results, kind) !== undefined);
}

/** What a row of the memory table counts: `1 network, 10 adaptors`. */
export function residentText({ networks, adaptors }: MemoryRow): string {
  return adaptors === 0
    ? plural(networks, 'network')
    : `${plural(networks, 'network')}, ${plural(adaptors, 'adaptor')}`;
}

/** Share of the full fine-tune's gain at a level that the adaptor has too, as text. */
export function recoveredText(results: Results, level: string): string {
  const [original, adaptor, switching] = (['original', 'adaptor', 'switching'] as const).map((kind) =>
    scoreOf(results, nameOf(results, kind) ?? kind, level),
  );
  if (typeof original !== 'number' || typeof adaptor !== 'number' || typeof switching !== 'number') return '–';
  return formatShare(recovered(original, adaptor, switching, metricOf(results)));
}

/** Where and with what the numbers were made, as names and values. */
export function environmentLines({ environment, data, budget }: Results): [string, string][] {
  const { gearnn, node, engine, engineVersion, tfjs, precision, threads, cpu, machines } = environment;
  // Unknown until a level has its split.
  const size = budget.parameters > 0 ? ` = ${budget.parameters.toLocaleString('en-US')} parameters` : '';
  return [
    [
      'data',
      `${data.name}: ${data.train.split} (${data.train.samples}), ${data.validate.split} (${data.validate.samples})`,
    ],
    ['budget', `${budget.text}${size} per adaptor, by ${budget.granularity}`],
    ['precision', `${precision.train} in training, ${precision.evaluate} in evaluation`],
    ['engine', `${engine} ${engineVersion}, TensorFlow.js ${tfjs}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`],
    ['computed on', machinesText(machines)],
    ['put together on', `${cpu}, Node.js ${node}`],
    ['gearnn', gearnn],
  ];
}

/** What the steps ran on, as far as it is known. */
function machinesText(machines: Results['environment']['machines']): string {
  if (machines.length === 0) return 'not recorded';
  const parts = machines.map(({ machine, steps }) => {
    const name = machine ? machineText(machine) : 'a machine that was not recorded';
    return `${name} (${steps} ${steps === 1 ? 'step' : 'steps'})`;
  });
  return parts.join('; ');
}

/** Over the share of the steps that weights were averaged over. */
export const AVERAGE_HEAD = 'averaged over';

/** `the last 25%`, or nothing. */
export function averageText(share: number | undefined): string {
  return share === undefined ? '' : `the last ${Number((100 * share).toPrecision(3))}%`;
}
