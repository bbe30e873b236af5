import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodePng } from '../../src/image/encode.js';
import { optionalTool } from '../support/tools.js';
import { startDouble, stopAll, type TestServer } from './support/server.js';

const [HEIGHT, WIDTH] = [8, 16];

describe('serve: perf_analyzer', () => {
  let folder: string;
  let program: string;
  let server: TestServer;

  before(async function () {
    program = optionalTool(this, 'perf_analyzer');
    folder = await mkdtemp(join(tmpdir(), 'gearnn-perf-'));
    const data = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => i % 251);
    const png = await encodePng({ width: WIDTH, height: HEIGHT, channels: 3, data });
    // An element of BYTES begins with its length.
    const length = Buffer.alloc(4);
    length.writeUInt32LE(png.length);
    const inputs = {
      pixels: { content: [...data], shape: [1, HEIGHT, WIDTH, 3] },
      image: { b64: Buffer.concat([length, png]).toString('base64') },
    };
    for (const [name, input] of Object.entries(inputs))
      await writeFile(join(folder, `${name}.json`), JSON.stringify({ data: [{ [name]: input }] }));
    server = await startDouble({ grpcPort: 0 });
  });
  after(async () => {
    await stopAll();
    if (folder) await rm(folder, { recursive: true });
  });

  for (const input of ['pixels', 'image'])
    for (const [protocol, ...flags] of [['http'], ['grpc'], ['grpc', '--streaming', '--async']] as string[][])
      it(`measures ${input} over ${[protocol, ...flags].join(' ')}: configuration, requests and statistics are as it asks for them`, async () => {
        const address = protocol === 'http' ? new URL(server.url).host : `127.0.0.1:${server.grpcPort}`;
        const call = [
          '-m',
          'demo',
          '-u',
          address,
          '-i',
          protocol!,
          ...flags,
          '--input-data',
          join(folder, `${input}.json`),
        ];
        // Whether it is the same in all windows says something about the machine alone.
        const windows = ['--measurement-mode', 'count_windows', '--measurement-request-count', '10', '-s', '999'];
        const { stdout } = await promisify(execFile)(program, [...call, ...windows]);
        const [client, own] = stdout.split('Server:') as [string, string];
        expect(Number(/Request count: (\d+)/.exec(client)?.[1]), stdout).to.be.above(9);
        expect(Number(/Successful request count: (\d+)/.exec(own)?.[1]), stdout).to.be.above(9);
        expect(Number(/compute infer (\d+) usec/.exec(own)?.[1]), stdout).to.be.above(0);
      });
});
