import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endNow, endWithParent } from '../../src/common/children.js';
import { packageRoot } from '../../src/common/package-root.js';

/** `gearnn serve` as a process of its own, on a free port of loopback where the parameters name none. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(parameters: string[]): Promise<ServerProcess> {
    const cli = join(packageRoot(), 'dist', 'cli', 'main.js');
    const child = spawn(process.execPath, [cli, 'serve', '--port', '0', '--log-level', 'silent', ...parameters], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    endWithParent(child);
    for await (const line of createInterface({ input: child.stdout! })) {
      const url = /^listening on (\S+)$/.exec(line)?.[1];
      if (url !== undefined) return new ServerProcess(child, url);
    }
    throw new Error('gearnn serve ended before it listened');
  }

  /** A figure of `/metrics`, by its name and labels as they are printed. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  }

  /** `kill -9` */
  kill(): Promise<void> {
    return endNow(this.child);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
