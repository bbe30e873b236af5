import { gainOver, metricOf, type MetricInfo } from './metrics.js';
import { nameOf, rowOf, scoreOf } from './rows.js';
import type { Results } from './schema.js';

/**
 * Mean primary score of each method that has rows, over the levels that all of these have a row of, each level counting the same.
 *
 * @returns null where there is no such level
 * @source Xie and Kim 2020, section 5.1: "when each quality level has the same probability"
 */
export function averagesOf({
  levels,
  methods,
  rows,
}: Pick<Results, 'levels' | 'methods' | 'rows'>): Results['averages'] {
  const names = methods.map(({ name }) => name).filter((name) => levels.some((level) => rowOf({ rows }, name, level)));
  if (names.length === 0) return null;
  const common = levels.filter((level) => names.every((name) => typeof scoreOf({ rows }, name, level) === 'number'));
  if (common.length === 0) return null;
  const mean = (name: string): number =>
    common.reduce((sum, level) => sum + scoreOf({ rows }, name, level)!, 0) / common.length;
  const means = Object.fromEntries(names.map((name) => [name, mean(name)]));
  const over = (name: string, kind: string): number | null => {
    const other = nameOf({ methods }, kind);
    if (other === undefined || means[other] === undefined) return null;
    return 100 * gainOver(means[name]!, means[other], metricOf({ rows }));
  };
  const points = Object.fromEntries(
    names.map((name) => {
      const overControl = over(name, 'control');
      return [
        name,
        {
          overOriginal: over(name, 'original'),
          overSwitching: over(name, 'switching'),
          ...(overControl !== null && { overControl }),
        },
      ];
    }),
  );
  return { levels: common, means, points };
}

/**
 * How much of what full fine-tuning gains over the base an adaptor gains too: 1 for all of it.
 *
 * @returns null where the full fine-tune gains less than a tenth of a point, as the ratio then says nothing
 */
export function recovered(original: number, adaptor: number, switching: number, metric: MetricInfo): number | null {
  const gained = gainOver(switching, original, metric);
  return gained < 0.001 ? null : gainOver(adaptor, original, metric) / gained;
}
