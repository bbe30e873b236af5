import { formatTable } from '../../cli/output.js';
import { benchQueue, type QueueRow } from './bench.js';
import { chaosRounds } from './chaos-rounds.js';
import { experimentWork, sleepingWork } from './chaos-work.js';
import { scheduleExperiments, type ExperimentsSchedule } from './experiments.js';
import { benchExperiment, type ExperimentRow } from './experiment.js';

/** Numbers of workers that experiments are scheduled on. */
const FLEETS = [1, 2, 4, 10, 20, 40, 60, 80, 100];
const RECORD = 'experiments/camvid-jpeg/config.json';
const EXPERIMENTS = 20;

/** `npm run bench -- queue` and `-- chaos`; prints what docs/queue.md holds. */
export async function benchQueueCommand(
  name: 'queue' | 'chaos',
  value: (name: string, fallback: string) => string,
): Promise<object> {
  if (name === 'chaos') {
    const of = value('of', 'sleep');
    const work = of === 'experiment' ? experimentWork() : sleepingWork(10, 0.4);
    return chaosRounds(
      { work, most: of === 'experiment' ? 4 : 5 },
      Number(value('rounds', '50')),
      Number(value('seed', '1')),
    );
  }
  const workers = value('workers', '1,2,4').split(',').map(Number).filter((count) => count > 0); // prettier-ignore
  const config = value('experiment', '');
  if (config !== '') return experimentBy(config, workers);
  const rows = await benchQueue({
    ...{ steps: Number(value('steps', '1000')), sleep: Number(value('sleep', '1')), workers },
    note: (row) => console.error(JSON.stringify(row)),
  });
  if (rows.length > 0) console.log(queueTable(rows));
  const overhead = Number(value('overhead', '50')) / 1000;
  const scheduled = await scheduleExperiments(RECORD, EXPERIMENTS, FLEETS, overhead);
  console.log(scheduleTable(scheduled));
  return { rows, scheduled };
}

async function experimentBy(config: string, workers: readonly number[]): Promise<ExperimentRow[]> {
  const rows = await benchExperiment({ config, workers, note: (row) => console.error(JSON.stringify(row)) });
  const cells = rows.map((row) => [
    ...[row.workers || 'no queue', row.steps, row.seconds.toFixed(1), row.work.toFixed(1)],
    ...[`${(100 * row.busy).toFixed(1)}%`, Number.isNaN(row.efficiency) ? '' : `${(100 * row.efficiency).toFixed(0)}%`],
    ...[row.overhead.toFixed(0), row.equal ? 'yes' : 'NO'],
  ]);
  const head = ['workers', 'steps', 's', 's of steps', 'busy', 'efficiency', 'ms per step beyond', 'equal results'];
  console.log(formatTable(cells, { head }));
  return rows;
}

function queueTable(rows: readonly QueueRow[]): string {
  const cells = rows.map(({ workers, steps, sleep, seconds, busy, overhead }) => [
    ...[workers, steps, sleep.toFixed(1), seconds.toFixed(1), `${(100 * busy).toFixed(1)}%`, overhead.toFixed(1)],
  ]);
  return formatTable(cells, { head: ['workers', 'steps', 's each', 's', 'busy', 'ms per step beyond its work'] });
}

function scheduleTable({ steps, levels, untimed, experiments, seconds, chain, rows }: ExperimentsSchedule): string {
  const cells = rows.map((row) => [
    ...[row.workers, (row.seconds / 3600).toFixed(2), (rows[0]!.seconds / row.seconds).toFixed(1)],
    `${(100 * row.busy).toFixed(1)}%`,
  ]);
  return [
    `${experiments} experiments of ${levels} levels, ${steps} steps and ${(seconds / 3600).toFixed(2)} h each (${untimed} steps without a time).`,
    `The longest chain takes ${(chain.seconds / 3600).toFixed(2)} h: ${chain.ids.join(', ')}.`,
    formatTable(cells, { head: ['workers', 'hours', 'times as fast', 'busy'] }),
  ].join('\n');
}
