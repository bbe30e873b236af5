import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithParent } from '../../src/common/children.js';
import { packageRoot } from '../../src/common/package-root.js';

/** Addresses that `deploy`'s configurations name, in the place of which a test or benchmark has its own. */
export interface Ports {
  http: number;
  grpc: number;
  /** Of both servers: HTTP, then gRPC. */
  servers: readonly [http: number, grpc: number][];
}

/** A balancer that runs by its file in `deploy`. */
export interface Balancer {
  process: ChildProcess;
  end(): Promise<void>;
}

/** How each program is called, and what its file needs to run as anybody and anywhere. */
const KINDS = {
  nginx: {
    file: 'nginx.conf',
    prepare: (text: string, folder: string): string =>
      text.replace(
        'http {',
        `pid ${folder}/pid;\nerror_log stderr;\nhttp {\n  access_log off;\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${folder}/${name};\n`).join('')}`,
      ),
    parameters: (path: string): string[] => {
      const user = process.getuid?.() === 0 ? 'user root; ' : '';
      return ['-e', 'stderr', '-c', path, '-g', `${user}daemon off;`];
    },
  },
  haproxy: {
    file: 'haproxy.cfg',
    prepare: (text: string): string => text,
    parameters: (path: string): string[] => ['-db', '-f', path],
  },
} as const;

export type BalancerName = keyof typeof KINDS;

/** Starts a balancer by its configuration in `deploy`, with other ports. */
export async function startBalancer(name: BalancerName, program: string, ports: Ports): Promise<Balancer> {
  const { file, prepare, parameters } = KINDS[name];
  const folder = await mkdtemp(join(tmpdir(), `gearnn-${name}-`));
  let text = readFileSync(join(packageRoot(), 'deploy', file), 'utf8');
  const renamed: [from: RegExp, to: number][] = [
    [/\b8080\b/g, ports.http],
    [/\b8081\b/g, ports.grpc],
    ...ports.servers.flatMap(([http, grpc], i): [RegExp, number][] => [
      [new RegExp(`\\b900${i + 1}\\b`, 'g'), http],
      [new RegExp(`\\b910${i + 1}\\b`, 'g'), grpc],
    ]),
  ];
  for (const [from, to] of renamed) text = text.replace(from, String(to));
  const path = join(folder, file);
  await writeFile(path, prepare(text, folder));
  const child = spawn(program, parameters(path), { stdio: ['ignore', 'ignore', 'pipe'] });
  endWithParent(child);
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const closed = once(child, 'close');
  while (!(await answers(ports.http))) if (child.exitCode !== null) throw new Error(`${name}: ${said}`);
  return {
    process: child,
    end: async () => {
      child.kill('SIGTERM');
      await closed;
      await rm(folder, { recursive: true });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/v2/health/live`).then(
    ({ ok }) => ok,
    () => new Promise((resolve) => setTimeout(() => resolve(false), 50)),
  );
}
