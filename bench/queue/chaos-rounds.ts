import { formatTable } from '../../cli/output.js';
import { plural } from '../../src/common/plural.js';
import { type ChaosOptions, chaosRound, type ChaosRound, FAULTS } from './chaos.js';

/** Rounds of chaos, one after the other, with a line for each; prints what docs/queue.md holds. @param first seed */
export async function chaosRounds(options: ChaosOptions, rounds: number, first: number): Promise<ChaosRound[]> {
  const done: ChaosRound[] = [];
  for (let seed = first; seed < first + rounds; seed++) {
    const round = await chaosRound(seed, options);
    console.error(roundLine(round));
    done.push(round);
  }
  console.log(chaosTable(done));
  return done;
}

/** What was done in a round, and what came of it. */
export function roundLine({ seed, seconds, faults, failures, problems, equal, twice, half }: ChaosRound): string {
  const what = faults.map((own) => `${own.seconds.toFixed(1)} s ${own.fault}${own.note ? ` (${own.note})` : ''}`);
  const again = failures > 0 ? [`run started again ${plural(failures, 'time')}`] : [];
  const came = [equal ? 'equal results' : 'OTHER RESULTS', `${twice} of two writers`, plural(half, 'half file')];
  return [
    `round ${seed}, ${seconds.toFixed(1)} s, clocks jump; ${[...what, ...again].join('; ')}: ${came.join(', ')}`,
    ...problems.map((problem) => `  ${problem}`),
  ].join('\n');
}

/** How often what happened, and what all rounds came to. */
export function chaosTable(rounds: readonly ChaosRound[]): string {
  const all = rounds.flatMap(({ faults }) => faults);
  const cells = FAULTS.map((fault) => [fault, all.filter((own) => own.fault === fault).length]);
  const sum = (of: (round: ChaosRound) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  const wrong = rounds.filter(({ problems }) => problems.length > 0);
  return [
    formatTable(cells, { head: ['what happened', 'times'] }),
    `${plural(rounds.length, 'round')}, ${Math.round(sum(({ seconds }) => seconds) / rounds.length)} s each`,
    `${sum(({ equal }) => Number(equal))} with equal results`,
    `${sum(({ twice }) => twice)} results of two writers`,
    `${sum(({ half }) => half)} half files`,
    `${wrong.length} with anything wrong`,
    ...wrong.map(({ seed, problems }) => `Round ${seed}: ${problems.join('; ')}`),
  ].join('\n');
}
