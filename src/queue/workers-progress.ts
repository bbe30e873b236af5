import type { Progress } from '../common/progress.js';
import type { StepNews } from './job.js';

/** Shows in one line how many steps are done, and what each worker does. */
export class WorkersProgress {
  private readonly atWork = new Map<string, { step: string; news: StepNews }>();
  private done = 0;
  private total = 0;

  constructor(private readonly progress: Progress | undefined) {}

  count(done: number, total: number): void {
    [this.done, this.total] = [done, total];
    this.tell();
  }

  show(address: string, step: string, news: StepNews): void {
    // A worker does one step at a time: what it did before it has left.
    for (const [other, { news: earlier }] of this.atWork) if (earlier.worker === news.worker) this.atWork.delete(other);
    this.atWork.set(address, { step, news });
    this.tell();
  }

  end(address: string): void {
    this.atWork.delete(address);
  }

  private tell(): void {
    const { done, total } = this;
    const values = Object.fromEntries(
      [...this.atWork.values()].map(({ step, news }) => [news.worker, textOf(step, news)]),
    );
    this.progress?.({ task: 'steps on the queue', done, total, unit: 'steps', values });
  }
}

function textOf(step: string, { task, done, total }: StepNews): string {
  // A task names its step already.
  return task === undefined ? step : `${task} ${done}${total == null ? '' : `/${total}`}`;
}
