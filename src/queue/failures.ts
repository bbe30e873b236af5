import { GearnnError } from '../common/errors.js';
import type { Step } from '../pipeline/graph.js';
import { MOST_STALLED, type StepFailure } from './job.js';

/** The error of a step that failed wherever it was tried; it names the workers and holds what they printed. */
export function failureOnWorkers(
  { id }: Step,
  { failures, reason }: { failures: readonly StepFailure[]; reason: string },
): GearnnError {
  const got = failures.map(({ worker, message }) => `on ${worker}: ${message}`).join('; ');
  const stalled = /stalled/.test(reason) ? `it ended its worker ${MOST_STALLED} times` : reason;
  const logs = failures
    .filter(({ log }) => log !== '')
    .map(({ worker, log }) => `\n${worker} printed:\n${log.replace(/^/gm, '  ')}`);
  return new GearnnError('E_QUEUE_STEP', {
    where: `step "${id}"`,
    expected: 'it to end well on one of the workers that tried it',
    got: got || stalled,
    todo: `Mend this and run the same command again.${logs.join('')}`,
  });
}

export function notInStore({ id }: Step, worker = 'a worker'): GearnnError {
  return new GearnnError('E_QUEUE_STORE', {
    where: `step "${id}"`,
    expected: 'its result in the store',
    got: `none, though ${worker} says that it is there`,
    todo: 'Give all workers and gearnn run the same --store: a folder that all machines see, or a bucket.',
  });
}
