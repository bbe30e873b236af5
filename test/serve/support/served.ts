import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { GEARNN } from '../../support/programs.js';
import { ROOT } from '../../support/sources.js';
import { pass } from './server.js';

export const DEMO = join(ROOT, 'checkpoints/demo');
export const ADAPTORS = join(DEMO, 'adaptors');

/** `gearnn serve`, with the demo's network as a rule, in a process of its own. */
export class Served {
  out = '';
  err = '';

  private constructor(readonly child: ChildProcessWithoutNullStreams) {
    child.stdout.on('data', (piece: Buffer) => (this.out += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (this.err += piece.toString()));
  }

  static start(...options: string[]): Promise<Served> {
    return Served.startWith({}, ...options);
  }

  /** @param variables of the environment, beside those of the tests */
  static startWith(variables: NodeJS.ProcessEnv, ...options: string[]): Promise<Served> {
    return Served.listening(spawnIn(variables, 'serve', '--checkpoint', DEMO, '--port', '0', ...options));
  }

  /** A command that ends in serving. */
  static run(...call: string[]): Promise<Served> {
    return Served.listening(spawnIn({}, ...call));
  }

  private static async listening(child: ChildProcessWithoutNullStreams): Promise<Served> {
    const served = new Served(child);
    while (!/^listening on .*\n/m.test(served.out)) {
      if (served.child.exitCode !== null) throw new Error(served.err);
      await pass(50);
    }
    return served;
  }

  get url(): string {
    return /^listening on (http:\/\/\S+)$/m.exec(this.out)![1]!;
  }

  /** The port that is said after the address. */
  async grpcPort(): Promise<number> {
    for (;;) {
      const port = /^gRPC on port (\d+)$/m.exec(this.out)?.[1];
      if (port !== undefined) return Number(port);
      await pass(20);
    }
  }

  /** Process id of the engine that was reported last. */
  get engine(): number {
    return this.logged('engine ready').at(-1)!['engine'] as number;
  }

  /** Lines of the log with a message. */
  logged(message: string): Record<string, unknown>[] {
    const lines = this.err.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === message);
  }

  async end(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    this.child.kill('SIGTERM');
    const [code] = (await once(this.child, 'close')) as [number | null];
    return code;
  }
}

function spawnIn(variables: NodeJS.ProcessEnv, ...call: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...GEARNN, ...call], { env: { ...process.env, ...variables } });
}
