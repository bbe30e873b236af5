import { plural } from '../common/plural.js';

/** A step that is on the queue. */
interface Waiting {
  id: string;
  active: boolean;
  refusals: Readonly<Record<string, string>>;
}

/** Says when nobody works on what waits, and why. */
export class Silence {
  private since = performance.now();
  private readonly said = new Set<string>();

  /** @param patience milliseconds without anybody at work */
  constructor(
    private readonly note: (text: string) => void,
    private readonly patience: number,
  ) {}

  /** Looks at the steps on the queue. */
  look(steps: readonly Waiting[]): void {
    const waiting = steps.filter(({ active }) => !active);
    if (waiting.length === 0 || waiting.length < steps.length) this.since = performance.now();
    if (performance.now() - this.since < this.patience) return;
    const refused = waiting.filter(({ refusals }) => Object.keys(refusals).length > 0);
    if (refused.length === 0) {
      this.say(
        `${plural(waiting.length, 'step')} wait and no worker takes one: start gearnn worker with the same --queue and --store`,
      );
    }
    for (const { id, refusals } of refused) {
      for (const [worker, why] of Object.entries(refusals))
        this.say(`no worker takes "${id}": ${worker} refuses it: ${why}`, `${worker} ${why}`);
    }
  }

  /** Once per key. */
  private say(text: string, key = 'nobody'): void {
    if (this.said.has(key)) return;
    this.said.add(key);
    this.note(text);
  }
}
