import { formatTable } from '../../cli/output.js';
import type { ServeResult } from './bench.js';

const megabytes = (bytes: number | null): string => (bytes === null ? '-' : (bytes / 1e6).toFixed(1));
const ms = (value: number): string => value.toFixed(2);

/** The result as tables. */
export function serveReport({ swaps, throughput, load, overhead, growth }: ServeResult): string {
  const { single, batch } = throughput;
  const more = (value: number, than: number): string => `${((value / than - 1) * 100).toFixed(1)}%`;
  const sections = [
    'A change of level',
    formatTable(
      swaps.map((row) => [
        String(row.levels),
        row.swapMicroseconds.p50.toFixed(1),
        row.swapMicroseconds.p99.toFixed(1),
        row.diskMilliseconds.toFixed(0),
        megabytes(row.adaptorBytes),
        megabytes(row.networkBytes),
        megabytes(row.adaptorProcessBytes),
        megabytes(row.networkProcessBytes),
      ]),
      {
        head: [
          'levels',
          'swap us p50',
          'p99',
          'network from disk ms',
          'MB adaptors',
          'MB networks',
          'process MB adaptors',
          'process MB networks',
        ],
      },
    ),
    'Milliseconds per frame',
    formatTable(
      [
        ['level changes every frame', ms(single.changing), more(single.changing, single.fixed)],
        ['fixed level', ms(single.fixed), '0.0%'],
        ['its adaptor folded into the graph', ms(single.folded), more(single.folded, single.fixed)],
        ['4 of 4 levels, a run for each', ms(batch.grouped), more(batch.grouped, batch.oneLevel)],
        ['4 of one level, one run', ms(batch.oneLevel), '0.0%'],
      ],
      { head: ['', 'ms', 'more than one level'] },
    ),
    'Latency over load',
    formatTable(
      load.map((row) => [
        String(row.streams),
        `${(row.load * 100).toFixed(0)}%`,
        row.offered.toFixed(1),
        ms(row.p50),
        ms(row.p99),
        String(row.answered),
        String(row.refused),
        ms(row.liveP50),
        ms(row.liveP99),
      ]),
      { head: ['streams', 'load', 'frames/s', 'p50 ms', 'p99 ms', 'answered', 'refused', 'live p50', 'live p99'] },
    ),
    'One request alone, ms',
    formatTable([Object.values(overhead).map(ms)], { head: Object.keys(overhead) }),
    'Memory',
    formatTable(
      growth.map((row) => [
        `${row.count} ${row.what}`,
        megabytes(row.before),
        megabytes(row.after),
        row.tensors === null ? '-' : String(row.tensors),
      ]),
      { head: ['', 'MB before', 'MB after', 'tensors more'] },
    ),
  ];
  return sections.join('\n\n');
}
