import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDataset } from '../../src/data/registry.js';
import { encodePng } from '../../src/image/encode.js';
import { onTensorflow } from '../support/engines.js';
import { ROOT } from '../support/sources.js';
import { requireTool } from '../support/tools.js';
import { answerOf, clientOf } from './support/server.js';
import { Served } from './support/served.js';

interface Read {
  shape: number[];
  mask: number[];
  level: string;
  version: string;
}

onTensorflow('serve: tritonclient.grpc and the command with its engine', () => {
  let served: Served | undefined;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-triton-'));
  });
  after(async () => {
    await served?.end();
    await rm(folder, { recursive: true });
  });

  it('BYTES and UINT8, one by one and as a stream, give the mask that HTTP gives', async function () {
    const python = requireTool(this, 'tritonclient.grpc');
    requireTool(this, 'Pillow');
    const scenes = await openDataset('scenes:7@48x64');
    const image = await scenes.readImage(scenes.samples('train')[0]!);
    const path = join(folder, 'image.png');
    await writeFile(path, await encodePng(image));
    served = await Served.start('--grpc-port', '0');
    const script = join(ROOT, 'test/serve/support/triton_grpc_engine.py');
    const parameters = [script, `127.0.0.1:${await served.grpcPort()}`, path, 'jpeg=10'];
    const { stdout } = await promisify(execFile)(python, parameters);
    const { platform, answers } = JSON.parse(stdout) as { platform: string; answers: Record<string, Read> };
    const inputs = [{ name: 'pixels', datatype: 'UINT8', shape: [1, 48, 64, 3], data: [...image.data] }];
    const body = { parameters: { level: 'jpeg=10' }, inputs };
    const http = await answerOf(await clientOf(served.url).post('/v2/models/demo/infer', body));
    const [{ shape, data }] = http.outputs as [(typeof http.outputs)[number]];
    const { level, version } = http.parameters;
    expect(new Set(data).size, 'a scene has several classes').to.be.above(1);
    expect(level).to.equal('jpeg=10');
    for (const kind of ['BYTES', 'UINT8', 'BYTES stream', 'UINT8 stream'])
      expect(answers[kind], kind).to.deep.equal({ shape, mask: data, level, version });
    expect(platform).to.match(/^gearnn_/);
  });
});
