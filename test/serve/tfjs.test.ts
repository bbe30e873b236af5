import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '../../src/image/encode.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { runTfjs } from '../../src/models/tfjs/reference.js';
import { startServer, type Server } from '../../src/serve/server.js';
import { gearnn } from '../cli/support/gearnn.js';
import { tinyFile } from '../models/tfjs/support/tiny.js';
import { onTensorflow } from '../support/engines.js';
import { clientOf } from './support/server.js';

const [WIDTH, HEIGHT] = [48, 32];
/** Dark on the left, bright on the right. */
const PIXELS = Uint8Array.from(
  { length: WIDTH * HEIGHT * 3 },
  (_, i) => ((i * 37) % 40) + (Math.floor(i / 3) % WIDTH < WIDTH / 2 ? 0 : 215),
);

onTensorflow('gearnn with a GraphModel of TensorFlow.js', () => {
  let folder: string;
  let checkpoint: string;
  /** What TensorFlow.js' own executor says of every pixel. */
  let likely: Float32Array;
  let server: Server | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-tfjs-'));
    checkpoint = join(folder, 'net');
    const file = tinyFile();
    const { code, err } = await gearnn('import', file, '--task', 'foreground', '--out', checkpoint);
    expect(code, err).to.equal(0);
    const images = tf.tidy(() => tf.div(tf.tensor4d([...PIXELS], [1, HEIGHT, WIDTH, 3]), 255));
    const [mask] = await runTfjs(file, { images }, ['mask']);
    likely = mask!.dataSync() as Float32Array;
    tf.dispose([images, mask!]);
    await mkdir(join(folder, 'data'));
    const picture = await encodePng({ data: PIXELS, width: WIDTH, height: HEIGHT, channels: 3 });
    await writeFile(join(folder, 'data', 'a.png'), picture);
  });
  after(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('serve answers as its executor does', async () => {
    server = await startServer({ checkpoint });
    const image = await encodePng({ data: PIXELS, width: WIDTH, height: HEIGHT, channels: 3 });
    const headers = { accept: 'application/json', 'content-type': 'image/png' };
    const answer = await clientOf(server.url).post('/v1/segment?level=clean', image, headers);
    expect(answer.status).to.equal(200);
    const { foreground } = (await answer.json()) as { foreground: string };
    const own = Buffer.from(foreground, 'base64');
    expect(own).to.have.length(WIDTH * HEIGHT);
    likely.forEach((value, i) => expect(own[i]!).to.be.closeTo(255 * value, 0.51));
    expect(new Set(own).size).to.be.above(10);
  });

  it('eval scores it by masks: 1 of those that its executor gives', async () => {
    const scoreOf = async (mask: Uint8Array): Promise<number> => {
      const data = join(folder, 'data');
      await writeFile(join(data, 'mask.png'), encodeLabelMap({ data: mask, width: WIDTH, height: HEIGHT }));
      await writeFile(join(data, 'val.txt'), 'a.png mask.png\n');
      await writeFile(join(data, 'dataset.json'), JSON.stringify({ task: 'foreground', splits: { val: 'val.txt' } }));
      const call = ['eval', '--checkpoint', checkpoint, '--data', `list:${data}`, '--level', 'clean', '--json'];
      const { code, out, err } = await gearnn(...call);
      expect(code, err).to.equal(0);
      const [{ scores, primary }] = (JSON.parse(out) as { rows: { scores: Record<string, number>; primary: string }[] }).rows as [{ scores: Record<string, number>; primary: string }]; // prettier-ignore
      return scores[primary]!;
    };
    const own = Uint8Array.from(likely, (value) => Number(value > 0.5));
    expect(own.includes(1) && own.includes(0)).to.equal(true);
    expect(await scoreOf(own)).to.be.above(0.999);
    expect(await scoreOf(own.map((id, i) => (i % WIDTH < WIDTH / 2 ? id : 1 - id)))).to.be.below(0.9);
  });
});
