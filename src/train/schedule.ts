import { fail } from '../common/errors.js';

/** How the learning rate falls over a run. */
export interface Schedule {
  kind: 'poly' | 'step' | 'constant';
  /** poly: the exponent. Default 0.9. */
  power?: number;
  /** step: epochs between two falls. Default: a third of the run, rounded up. */
  every?: number;
  /** step: what the rate is multiplied by. Default 0.1. */
  factor?: number;
}

/** Where a step is in its run. */
export interface StepPlace {
  /** 0-based, over the whole run, which has `steps`. */
  step: number;
  steps: number;
  stepsPerEpoch: number;
  epochs: number;
  /** Steps in which the rate rises. Default: 0. */
  warmup?: number;
}

/**
 * The learning rate of one optimizer step.
 *
 * @param base the rate that the run starts with
 * @returns poly: `base (1 - step / total)^power`, as DeepLab trains; step: `base factor^(epoch / every)`, as fyu/drn does; while it rises,
 *   `(step + 1) / (warmup + 1)` of that
 */
export function learningRateAt(schedule: Schedule, base: number, place: StepPlace): number {
  const { step, warmup = 0 } = place;
  return fallen(schedule, base, place) * Math.min(1, (step + 1) / (warmup + 1));
}

function fallen(schedule: Schedule, base: number, { step, steps, stepsPerEpoch, epochs }: StepPlace): number {
  switch (schedule.kind) {
    case 'constant':
      return base;
    case 'poly':
      return base * (1 - step / steps) ** (schedule.power ?? 0.9);
    case 'step': {
      const every = schedule.every ?? Math.ceil(epochs / 3);
      return base * (schedule.factor ?? 0.1) ** Math.floor(Math.floor(step / stepsPerEpoch) / every);
    }
  }
}

/** Reads `poly`, `poly:0.9`, `step:10`, `step:10:0.5` or `constant`. */
export function parseSchedule(text: string): Schedule {
  const [kind, first, second, ...rest] = text.split(':');
  const numbers = [first, second].map((part) => (part === undefined ? undefined : Number(part)));
  const wrong = rest.length > 0 || numbers.some((n) => n !== undefined && !(n > 0));
  if (!wrong && kind === 'constant' && first === undefined) return { kind };
  if (!wrong && kind === 'poly' && second === undefined) return { kind, power: numbers[0] ?? 0.9 };
  if (!wrong && kind === 'step') return { kind, every: numbers[0], factor: numbers[1] ?? 0.1 };
  return fail('E_USAGE', {
    where: 'schedule',
    expected: 'poly, poly:POWER, step, step:EPOCHS, step:EPOCHS:FACTOR or constant',
    got: `"${text}"`,
  });
}
