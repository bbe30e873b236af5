import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireTool } from './tools.js';

/** An S3 server of this machine, with a bucket `steps`. @source moto, "Server mode" */
export interface S3Server {
  endpoint: string;
  /** What the AWS client reads. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

/** Starts one on a free port; skips the test where moto is missing. */
export async function startS3(test: Mocha.Context): Promise<S3Server> {
  const python = requireTool(test, 'moto');
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const port = new URL(endpoint).port;
  const start = 'from moto.server import main; main()';
  const server = spawn(python, ['-c', start, '-H', '127.0.0.1', '-p', port], { stdio: 'ignore' });
  await answers(endpoint, server);
  await fetch(`${endpoint}/steps`, { method: 'PUT' });
  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    },
    async stop() {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(endpoint: string, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const answer = await fetch(endpoint).catch(() => undefined);
    if (answer) return;
    await sleep(100);
  }
  throw new Error(`the S3 server ended with ${server.exitCode}`);
}
