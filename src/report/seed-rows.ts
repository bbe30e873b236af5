import { formatScore } from './format.js';
import { metricOf } from './metrics.js';
import type { Results } from './schema.js';

/** Head and rows of the table of scores over seeds, a column per method that depends on the seed; null where there is one seed. */
export function seedTable({ seeds, levels, methods, rows }: Results): { head: string[]; rows: string[][] } | null {
  if (!seeds || seeds.scores.length === 0) return null;
  const names = methods.map(({ name }) => name).filter((name) => seeds.scores.some(({ method }) => method === name));
  const format = (score: number): string => formatScore(score, metricOf({ rows }));
  const cell = (name: string, at: string | null): string => {
    const score = seeds.scores.find(({ method, level }) => method === name && level === at);
    if (!score) return '–';
    const [least, most] = [Math.min(...score.values), Math.max(...score.values)].map(format);
    return `${format(score.mean)} ± ${format(score.deviation)} (${least} to ${most})`;
  };
  const lines = [...levels, null].map((level) => [level ?? 'mean', ...names.map((name) => cell(name, level))]);
  return { head: ['level', ...names], rows: lines };
}

/** What the table shows, in a sentence. */
export function seedText({ seeds, rows }: Results): string {
  const { list } = seeds!;
  return [
    `Mean ${metricOf({ rows }).label} over the seeds ${list.join(', ')}, its standard deviation from seed to seed, and the worst and the best of them: fine-tunes`,
    `and random choices are repeated, the base and the learning rates stay. All other tables are of seed ${list[0]}.`,
  ].join(' ');
}
