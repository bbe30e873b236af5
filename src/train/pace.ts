/** Steps that the rate is averaged over. */
const WINDOW = 10;

/** How fast a run goes, from step to step: waiting for data counts, what happens between epochs does not. */
export class Pace {
  private last = 0;
  private steps = 0;
  private recent: number[] = [];

  /** Starts the clock, at an epoch's beginning. */
  start(): void {
    this.last = performance.now();
  }

  /** @returns seconds since the step before */
  step(): number {
    const now = performance.now();
    const seconds = (now - this.last) / 1000;
    this.last = now;
    this.steps += 1;
    // The first step makes the graph: its time says nothing of the others'.
    if (this.steps === 2) this.recent = [];
    this.recent = [...this.recent, seconds].slice(-WINDOW);
    return seconds;
  }

  /** Seconds that a step takes of late; undefined before the second step. */
  get secondsPerStep(): number | undefined {
    if (this.steps < 2) return undefined;
    return this.recent.reduce((sum, seconds) => sum + seconds, 0) / this.recent.length;
  }
}

/** `45s`, `12m03s`, `3h07m` */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  if (hours > 0) return `${hours}h${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m${two(rest)}s` : `${rest}s`;
}
