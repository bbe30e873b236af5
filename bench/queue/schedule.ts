/** A step whose time is known. */
export interface TimedStep {
  id: string;
  seconds: number;
  inputs: readonly string[];
}

/** What so many workers come to. */
export interface Schedule {
  workers: number;
  /** From the first step to the end of the last one. */
  seconds: number;
  /** Share of the workers' time that steps take, 0..1. */
  busy: number;
}

/**
 * When steps end that workers take off a queue in the order in which they become ready, as the coordinator puts them there.
 *
 * @param steps each after its inputs
 * @param overhead seconds of the queue per step
 */
export function schedule(steps: readonly TimedStep[], workers: number, overhead: number): Schedule {
  const open = new Map(steps.map(({ id, inputs }) => [id, inputs.length]));
  const readers = new Map<string, TimedStep[]>();
  for (const step of steps) for (const input of step.inputs) readers.set(input, [...(readers.get(input) ?? []), step]);
  const ready = steps.filter(({ inputs }) => inputs.length === 0);
  const running: { step: TimedStep; end: number }[] = [];
  let now = 0;
  while (ready.length > 0 || running.length > 0) {
    while (ready.length > 0 && running.length < workers) {
      const step = ready.shift()!;
      running.push({ step, end: now + overhead + step.seconds });
    }
    const next = running.reduce((first, other) => (other.end < first.end ? other : first));
    running.splice(running.indexOf(next), 1);
    now = next.end;
    for (const reader of readers.get(next.step.id) ?? []) {
      open.set(reader.id, open.get(reader.id)! - 1);
      if (open.get(reader.id) === 0) ready.push(reader);
    }
  }
  const work = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  return { workers, seconds: now, busy: work / (workers * now) };
}

/** Seconds of the longest chain of steps: no number of workers takes less. */
export function longestChain(steps: readonly TimedStep[]): { seconds: number; ids: string[] } {
  const chains = new Map<string, { seconds: number; ids: string[] }>();
  let longest = { seconds: 0, ids: [] as string[] };
  for (const { id, seconds, inputs } of steps) {
    const before = inputs
      .map((input) => chains.get(input)!)
      .reduce((a, b) => (b.seconds > a.seconds ? b : a), { seconds: 0, ids: [] });
    const chain = { seconds: before.seconds + seconds, ids: [...before.ids, id] };
    chains.set(id, chain);
    if (chain.seconds > longest.seconds) longest = chain;
  }
  return longest;
}
