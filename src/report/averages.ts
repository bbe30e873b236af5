import { METHODS, rowOf, type Method, type Results } from './results.js';

/**
 * Mean mIoU of each method over the levels that all have a row of, each level counting the same.
 *
 * @returns null where there is no such level
 * @source Xie and Kim 2020, section 5.1: "when each quality level has the same probability"
 */
export function averagesOf({ levels, rows }: Pick<Results, 'levels' | 'rows'>): Results['averages'] {
  const common = levels.filter((level) => METHODS.every((method) => typeof miouAt(rows, method, level) === 'number'));
  if (common.length === 0) return null;
  const mean = (method: Method): number =>
    common.reduce((sum, level) => sum + miouAt(rows, method, level)!, 0) / common.length;
  const miou = { original: mean('original'), switching: mean('switching'), adaptor: mean('adaptor') };
  return {
    levels: common,
    miou,
    points: {
      adaptorOverOriginal: 100 * (miou.adaptor - miou.original),
      adaptorUnderSwitching: 100 * (miou.switching - miou.adaptor),
    },
  };
}

/**
 * How much of what full fine-tuning gains over the base an adaptor gains too: 1 for all of it.
 *
 * @returns null where the full fine-tune gains less than a tenth of a point, as the ratio then says nothing
 */
export function recovered(original: number, adaptor: number, switching: number): number | null {
  return switching - original < 0.001 ? null : (adaptor - original) / (switching - original);
}

function miouAt(rows: Results['rows'], method: Method, level: string): number | null | undefined {
  return rowOf({ rows }, method, level)?.miou;
}
