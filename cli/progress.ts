import { SingleBar } from 'cli-progress';
import type { Progress, ProgressEvent } from '../src/common/progress.js';
import { barStream, writeTo } from './streams.js';

/** Seconds between two lines about one task where no bar can be drawn. */
const LINE_EVERY = 10;

export interface ProgressPrinter {
  progress: Progress;
  /** Leaves the bar as it is and goes to a new line, before anything else is printed. */
  stop(): void;
}

/** A bar on stderr where that is a terminal; elsewhere a plain line now and then and one at each task's end. */
export function createProgressPrinter(quiet: boolean): ProgressPrinter {
  if (process.stderr.isTTY && process.env['TERM'] !== 'dumb') return createBars();
  return quiet ? { progress: () => {}, stop: () => {} } : createLines();
}

function createBars(): ProgressPrinter {
  let bar: SingleBar | undefined;
  let task: string | undefined;
  const stop = (): void => {
    bar?.stop();
    bar = task = undefined;
  };
  const progress: Progress = (event) => {
    if (event.task !== task) {
      stop();
      bar = new SingleBar({
        format: Number.isFinite(event.total)
          ? '{task} [{bar}] {value}/{total} {unit}  {eta_formatted} left  {figures}'
          : '{task} {value} {unit}  {duration_formatted}  {figures}',
        stream: barStream(),
        hideCursor: true,
        barsize: 24,
      });
      bar.start(event.total, event.done, { task: event.task, unit: event.unit, figures: figures(event) });
      task = event.task;
    }
    bar!.setTotal(event.total);
    bar!.update(event.done, { figures: figures(event) });
    if (event.done >= event.total) stop();
  };
  return { progress, stop };
}

function createLines(): ProgressPrinter {
  let task: string | undefined;
  let last = 0;
  const progress: Progress = (event) => {
    const now = Date.now();
    if (event.task === task && event.done < event.total && now - last < LINE_EVERY * 1000) return;
    task = event.task;
    last = now;
    const of = Number.isFinite(event.total) ? `/${event.total}` : '';
    writeTo('err', `${event.task}: ${event.done}${of} ${event.unit}${prefixed('  ', figures(event))}\n`, 'progress');
  };
  return { progress, stop: () => {} };
}

function figures({ values = {} }: ProgressEvent): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join('  ');
}

function prefixed(prefix: string, text: string): string {
  return text === '' ? '' : prefix + text;
}
