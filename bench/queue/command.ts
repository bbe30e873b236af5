import { formatTable } from '../../cli/output.js';
import { benchQueue, type QueueRow } from './bench.js';
import { chaosRound, type ChaosRound, FAULTS } from './chaos.js';
import { type ChaosWork, experimentWork, sleepingWork } from './chaos-work.js';
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
    const work = value('of', 'sleep') === 'experiment' ? experimentWork() : sleepingWork(10, 0.4);
    return chaos(work, Number(value('rounds', '50')), Number(value('seed', '1')));
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

async function chaos(work: ChaosWork, rounds: number, first: number): Promise<ChaosRound[]> {
  const done: ChaosRound[] = [];
  for (let seed = first; seed < first + rounds; seed++) {
    const round = await chaosRound(seed, { work, most: 5 });
    console.error(JSON.stringify(round));
    done.push(round);
  }
  console.log(chaosTable(done));
  return done;
}

export function chaosTable(rounds: readonly ChaosRound[]): string {
  const faults = FAULTS.map((fault) => [fault, rounds.flatMap((round) => round.faults).filter((own) => own === fault).length]); // prettier-ignore
  const wrong = rounds.filter(({ problems }) => problems.length > 0);
  const seconds = rounds.reduce((sum, round) => sum + round.seconds, 0);
  return [
    formatTable(faults, { head: ['what happened', 'times'] }),
    `${rounds.length} rounds, ${Math.round(seconds / rounds.length)} s each; ${wrong.length} with anything wrong.`,
    ...wrong.map(({ seed, problems }) => `Round ${seed}: ${problems.join('; ')}`),
  ].join('\n');
}
