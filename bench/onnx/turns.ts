import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program that answers each line on stdin by a line of JSON, and takes no processor while nobody asks. */
export class Side {
  private readonly lines: AsyncIterator<string>;
  private readonly errors: string[] = [];

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', (chunk: Buffer) => void this.errors.push(chunk.toString()));
    // One that ended early is noticed by its missing answer.
    child.stdin.on('error', () => undefined);
  }

  static start(command: string, args: readonly string[]): Side {
    return new Side(spawn(command, args, { stdio: 'pipe' }));
  }

  /** What it says next; lines that are no JSON, as libraries print them, are passed over. */
  async said<T>(): Promise<T> {
    for (;;) {
      const { value, done } = (await this.lines.next()) as { value?: string; done?: boolean };
      if (done || value === undefined)
        return { failed: `ended: ${this.errors.join('').trim().slice(-300)}` } as unknown as T;
      if (value.startsWith('{')) return JSON.parse(value) as T;
    }
  }

  /** Seconds of one forward pass. */
  async turn(): Promise<number> {
    this.child.stdin.write('\n');
    return (await this.said<{ seconds: number }>()).seconds;
  }

  /** Ends it. @returns its peak of memory in MB */
  async end(): Promise<number> {
    this.child.stdin.end();
    return (await this.said<{ peakMegabytes: number }>()).peakMegabytes;
  }
}
