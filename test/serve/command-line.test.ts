import { Client, credentials } from '@grpc/grpc-js';
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICE } from '../../src/serve/grpc/calls.js';
import { decode } from '../../src/serve/grpc/messages.js';
import { GEARNN } from '../support/programs.js';
import { expectError } from './support/server.js';
import { DEMO, Served } from './support/served.js';

describe('serve: the command line', () => {
  const gearnn = async (...options: string[]): Promise<{ code: number | null; err: string }> => {
    const child = spawn(process.execPath, [...GEARNN, 'serve', ...options]);
    let err = '';
    child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
    child.stdout.resume();
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, err };
  };

  it('a checkpoint that is none ends it with its code', async () => {
    const { code, err } = await gearnn('--checkpoint', '/nowhere', '--port', '0', '--log-level', 'silent');
    expect(code).to.equal(1);
    expect(err).to.contain('E_CHECKPOINT');
  });

  it('a port or a token file that is none is a wrong call', async () => {
    expect((await gearnn('--checkpoint', DEMO, '--port', '70000')).code).to.equal(2);
    const { code, err } = await gearnn('--checkpoint', DEMO, '--token-file', '/nowhere');
    expect(code).to.equal(2);
    expect(err).to.contain('--token-file');
    const nothing = await gearnn('--checkpoint', DEMO, '--no-adaptors', '--watch');
    expect([nothing.code, nothing.err.includes('--watch')]).to.deep.equal([2, true]);
  });

  it("the checkpoint's own adaptors are served unless none are wanted", async () => {
    const alone = await Served.start('--no-adaptors');
    expect(await levelsOf(alone.url)).to.deep.equal([]);
    expect(await alone.end()).to.equal(0);
  });

  it('a foreign address without a token is warned of; with one it is not, and the token counts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gearnn-serve-token-'));
    await writeFile(join(folder, 'token'), 's3cret\n');
    try {
      const open = await Served.start('--host', '0.0.0.0');
      expect(open.err).to.contain('warning: --host 0.0.0.0');
      expect(await levelsOf(open.url.replace('0.0.0.0', '127.0.0.1'))).to.include('jpeg=5');
      expect(await open.end()).to.equal(0);
      const closed = await Served.start('--host', '0.0.0.0', '--grpc-port', '0', '--token-file', join(folder, 'token'));
      const url = closed.url.replace('0.0.0.0', '127.0.0.1');
      expect(closed.err).to.not.contain('warning');
      await expectError(await fetch(`${url}/v2`), 401, 'E_SERVE_AUTH');
      expect((await fetch(`${url}/v2`, { headers: { authorization: 'Bearer s3cret' } })).status).to.equal(200);
      expect(await isLive(await closed.grpcPort())).to.equal(true);
      expect(await closed.end()).to.equal(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Whether the gRPC service on a port says that it runs. */
function isLive(port: number): Promise<boolean> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const bytes = (value: Buffer): Buffer => value;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(`${SERVICE}/ServerLive`, bytes, bytes, Buffer.alloc(0), (error, answer) => {
      client.close();
      if (error) reject(error);
      else resolve(decode<{ live: boolean }>('ServerLiveResponse', answer!).live);
    });
  });
}

async function levelsOf(url: string): Promise<string[]> {
  const { parameters } = (await (await fetch(`${url}/v2/models/demo`)).json()) as { parameters: { levels: string[] } };
  return parameters.levels;
}
