import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { encodeJpeg } from '../../src/image/encode.js';
import { decodeLabelMap } from '../../src/image/labels.js';
import type { Pixels } from '../../src/image/pixels.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { ROOT } from '../support/sources.js';
import { requireTool } from '../support/tools.js';
import { clientOf, expectError, pass, type TestServer } from './support/server.js';
import { ADAPTORS, DEMO, Served } from './support/served.js';

const execute = promisify(execFile);

describe('serve: the demo network', () => {
  let folder: string;
  let served: Served;
  let client: Pick<TestServer, 'get' | 'post'>;
  let image: Pixels;
  let file: Uint8Array;
  /** What the library answers for `file`, in this process. */
  let expected: Record<'detected' | 'clean' | 'jpeg=10', Uint8Array>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-serve-demo-'));
    const dataset = await openDataset('scenes:7');
    image = await dataset.readImage(dataset.samples('val')[0]!);
    file = await encodeJpeg(image, 10);
    await writeFile(join(folder, 'frame.jpg'), file);
    await writeFile(join(folder, 'frame.rgb'), image.data);
    await startEngine();
    const runner = await AdaptiveRunner.load({ checkpoint: DEMO, adaptors: ADAPTORS });
    const mask = async (frame: Uint8Array | Pixels, level?: string): Promise<Uint8Array> =>
      (await runner.infer(frame, { level })).mask;
    expected = {
      detected: await mask(file),
      clean: await mask(file, 'clean'),
      'jpeg=10': await mask(image, 'jpeg=10'),
    };
    runner.dispose();
    served = await Served.start();
    client = clientOf(served.url);
  });

  after(async () => {
    await rm(folder, { recursive: true });
    await served.end();
  });

  const maskOf = async (response: Response): Promise<Uint8Array> => {
    expect(response.status).to.equal(200);
    return (await decodeLabelMap(new Uint8Array(await response.arrayBuffer()), 'mask')).data;
  };

  it("a JPEG of quality 10 gets that level's adaptor, bit for bit as the library answers", async () => {
    const response = await client.post('/v1/segment', file);
    expect(response.headers.get('x-gearnn-level')).to.equal('jpeg=10');
    expect(Buffer.compare(await maskOf(response), expected.detected)).to.equal(0);
    expect(Buffer.compare(expected.detected, expected.clean)).to.not.equal(0);
  });

  it('a stated level is taken instead', async () => {
    const response = await client.post('/v1/segment?level=clean', file);
    expect(response.headers.get('x-gearnn-level')).to.equal('clean');
    expect(response.headers.get('x-gearnn-confidence')).to.equal('1');
    expect(Buffer.compare(await maskOf(response), expected.clean)).to.equal(0);
  });

  it('a file that starts like an image and is damaged is 400', async () => {
    const half = file.subarray(0, file.length / 2);
    await expectError(await client.post('/v1/segment', half), 400, 'E_IMAGE_DECODE');
  });

  it('answers curl', async function () {
    const curl = requireTool(this, 'curl');
    const out = join(folder, 'mask.png');
    const call = ['-sSf', '--data-binary', `@${join(folder, 'frame.jpg')}`, `${served.url}/v1/segment?level=jpeg=10`];
    await execute(curl, [...call, '--output', out]);
    const { width, height } = await decodeLabelMap(await readFile(out), 'mask.png');
    expect({ width, height }).to.deep.equal({ width: image.width, height: image.height });
    const { stdout } = await execute(curl, ['-s', `${served.url}/v2/health/ready`]);
    expect(JSON.parse(stdout)).to.deep.equal({ ready: true });
  });

  it('every curl call of docs/serving.md works as it stands', async function () {
    requireTool(this, 'curl');
    await writeFile(join(folder, 'photo.jpg'), file);
    const page = await readFile(join(ROOT, 'docs/serving.md'), 'utf8');
    const blocks = [...page.matchAll(/^```sh\n(curl [^]*?)^```/gm)].map((match) => match[1]!);
    expect(blocks).to.have.length(3);
    for (const block of blocks) {
      const script = block.replaceAll('http://127.0.0.1:8080', served.url);
      await execute('bash', ['-e', '-c', script], { cwd: folder, maxBuffer: 1 << 26 });
    }
  });

  it('answers tritonclient: BYTES, UINT8 and FP32, binary and JSON, compressed, sequences, the repository', async function () {
    const python = requireTool(this, 'tritonclient');
    const script = join(ROOT, 'test/serve/support/triton_client.py');
    const { height, width } = image;
    const { stdout } = await execute(python, [script, served.url, folder, String(height), String(width)]);
    const answers = JSON.parse(stdout) as Record<string, { shape: number[]; type: string; parameters: object }>;
    for (const [title, wanted] of Object.entries({
      bytes: expected.detected,
      compressed: expected.detected,
      pixels: expected['jpeg=10'],
      floats: expected['jpeg=10'],
      json: expected['jpeg=10'],
    })) {
      expect(answers[title], title).to.deep.include({ shape: [1, height, width], type: 'uint8' });
      expect(Buffer.compare(await readFile(join(folder, `${title}.mask`)), wanted), title).to.equal(0);
    }
    expect(answers['bytes']).to.deep.include({ id: 'r1' });
    expect(answers['bytes']!.parameters).to.deep.include({ level: 'jpeg=10', sequence_id: 7 });
    const { version, ...parameters } = answers['pixels']!.parameters as { version: string };
    expect(parameters).to.deep.equal({ level: 'jpeg=10', confidence: 1, sequence_id: 'gate' });
    expect(version).to.match(/^[0-9a-f]{12}$/);
    expect(answers).to.deep.include({
      inputs: ['image', 'pixels'],
      live: true,
      server: 'gearnn',
      unloaded: ['UNAVAILABLE'],
      loaded: ['READY'],
    });
    const [status, message] = answers['error'] as unknown as [string, string];
    expect(status).to.equal('400');
    expect(message).to.contain('jpeg=0');
  });

  it('kill -9 of the engine under load: every answer is right or a 503, and service comes back', async () => {
    let right = 0;
    let refused = 0;
    const ask = async (): Promise<void> => {
      const response = await client.post('/v1/segment', file);
      if (response.status !== 200) {
        refused += 1;
        await expectError(response, 503, 'E_SERVE_ENGINE');
        await pass(50);
        return;
      }
      expect(Buffer.compare(await maskOf(response), expected.detected)).to.equal(0);
      right += 1;
    };
    await ask();
    const load = Array.from({ length: 4 }, async () => {
      const until = right + 8;
      while (right < until || refused === 0) await ask();
    });
    await pass(100);
    process.kill(served.engine, 'SIGKILL');
    await Promise.all(load);
    expect(refused).to.be.above(0);
    expect(served.logged('engine down')).to.have.length(1);
    expect(served.logged('engine ready')).to.have.length(2);
  });

  it('SIGTERM: what was asked is answered, then it ends with status 0 and nothing more on stdout', async () => {
    const running = [client.post('/v1/segment', file), client.post('/v1/segment', file)];
    await pass(20);
    const ended = served.end();
    for (const response of await Promise.all(running))
      expect(Buffer.compare(await maskOf(response), expected.detected)).to.equal(0);
    expect(await ended).to.equal(0);
    expect(served.out).to.match(/^listening on http:\/\/127\.0\.0\.1:\d+\n$/);
    expect(() => process.kill(served.engine, 0)).to.throw('ESRCH');
  });
});
