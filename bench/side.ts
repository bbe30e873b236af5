import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** Of a process, in MB. */
export interface Megabytes {
  resident: number;
  peak: number;
}

/** A program that answers each line on stdin by a line of JSON, and takes no processor while nobody asks. */
export class Side {
  private readonly lines: AsyncIterator<string>;
  private readonly errors: string[] = [];

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', (chunk: Buffer) => void this.errors.push(chunk.toString()));
    // One that ended early is noticed by its missing answer.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => void this.errors.push(error.message));
  }

  static start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Side {
    return new Side(spawn(command, args, { stdio: 'pipe', env }));
  }

  /** What it says next; lines that are no JSON, as libraries print them, are passed over. */
  async said<T>(): Promise<T & { failed?: string }> {
    for (;;) {
      const { value, done } = (await this.lines.next()) as { value?: string; done?: boolean };
      if (done || value === undefined)
        return { failed: `ended: ${this.errors.join('').trim().slice(-300)}` } as T & { failed: string };
      if (value.startsWith('{')) return JSON.parse(value) as T & { failed?: string };
    }
  }

  /** Seconds of one pass. @throws Error where it gave none */
  async turn(): Promise<number> {
    this.child.stdin.write('\n');
    const { seconds, failed } = await this.said<{ seconds: number }>();
    if (failed !== undefined) throw new Error(failed);
    return seconds;
  }

  /** What the process takes now; null where there is no Linux to ask. */
  memory(): Megabytes | null {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
      const of = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)![1]) / 1024;
      return { resident: of('VmRSS'), peak: of('VmHWM') };
    } catch {
      return null;
    }
  }

  /** Lets it end. @returns what it says last */
  end<T>(): Promise<T & { failed?: string }> {
    this.child.stdin.end();
    return this.said<T>();
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** So that threads of one, which wait for work a while, do not slow the next. */
const PAUSE = 20;

/**
 * Passes of sides one after the other, round after round, so that what else the machine does hits all of them.
 *
 * @param rounds that are timed at least, behind two that are not
 * @param least seconds for which rounds go on: of single passes among other programs, few are undisturbed
 * @returns seconds of each pass, by side
 */
export async function takeTurns(sides: readonly Side[], rounds: number, least: number): Promise<number[][]> {
  const seconds = sides.map((): number[] => []);
  const start = performance.now();
  for (let round = -2; round < rounds || performance.now() - start < 1000 * least; round++) {
    for (const [i, side] of sides.entries()) {
      const taken = await side.turn();
      if (round >= 0) seconds[i]!.push(taken);
      await setTimeout(PAUSE);
    }
  }
  return seconds;
}
