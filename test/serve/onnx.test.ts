import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '../../src/image/encode.js';
import type { FoundBox } from '../../src/serve/answer.js';
import { type Server, startServer } from '../../src/serve/server.js';
import { detectorFile, featuresFile, foregroundFile, SIDE } from '../models/onnx/support/heads.js';
import { onTensorflow } from '../support/engines.js';
import { importAdapted, LEVEL } from './support/imported.js';
import { clientOf, expectError } from './support/server.js';

const SIZE = { width: 96, height: 64 };
/** Stripes in all colours. */
const PICTURE = {
  ...SIZE,
  data: Uint8Array.from({ length: 96 * 64 * 3 }, (_, i) => (i * 37 + Math.floor(i / 288) * 11) % 256),
  channels: 3 as const,
};

type Body = Record<string, unknown>;

onTensorflow('serve: networks out of ONNX files', function () {
  let folder: string;
  let server: Server | undefined;
  let image: Uint8Array;
  const { post, get } = clientLater(() => server!);
  const predict = async (query: string): Promise<Body> => (await (await post(`/v1/predict?${query}`, image)).json()) as Body; // prettier-ignore

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-onnx-'));
    image = await encodePng(PICTURE);
    await importAdapted(featuresFile(), join(folder, 'features'), { task: 'features' });
    await importAdapted(detectorFile(), join(folder, 'boxes'), { head: 'yolov8', fit: 'letterbox', classes: ['cat', 'dog'] }); // prettier-ignore
    await importAdapted(foregroundFile(), join(folder, 'map'), { task: 'foreground' });
    server = await startServer({ checkpoint: join(folder, 'features'), adaptors: join(folder, 'features/adaptors'), models: folder }); // prettier-ignore
    for (const name of ['boxes', 'map']) {
      const loaded = await post(`/v2/repository/models/${name}/load`);
      expect(loaded.status, await loaded.text()).to.equal(200);
    }
  });
  after(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("have their own outputs in the protocol, under the file's names, with types and shapes", async () => {
    const { outputs, parameters } = (await (await get('/v2/models/features')).json()) as Body & { parameters: Body };
    expect(outputs).to.deep.equal([
      { name: 'answer', datatype: 'FP32', shape: [1, 4, -1, -1] },
      { name: 'g', datatype: 'FP32', shape: [1, 6] },
    ]);
    expect(parameters).to.deep.include({ task: 'features', levels: [LEVEL], input: { layout: 'nchw' } });
    const answer = await post('/v2/models/features/infer', {
      parameters: { level: 'clean' },
      inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, 64, 96, 3], data: [...PICTURE.data] }],
    });
    const given = ((await answer.json()) as Body)['outputs'] as { name: string; shape: number[]; data: number[] }[];
    expect(given.map(({ name, shape }) => [name, shape])).to.deep.equal([
      ['answer', [1, 4, 32, 48]],
      ['g', [1, 6]],
    ]);
    // The same as an image, of the one output that is asked for, and in bytes.
    const { outputs: listed } = await predict('level=clean&outputs=g');
    expect(listed).to.deep.equal({ g: { shape: [1, 6], data: given[1]!.data } });
    const { outputs: packed } = await predict('level=clean&outputs=g&values=base64');
    const { datatype, base64 } = (packed as Record<string, Record<string, string>>)['g']!;
    expect(datatype).to.equal('FP32');
    const bytes = Buffer.from(base64!, 'base64');
    expect(given[1]!.data.map((_, i) => bytes.readFloatLE(4 * i))).to.deep.equal(given[1]!.data);
  });

  it('are answered with the adaptor of the level, and every output changes with it', async () => {
    const [clean, adapted] = [await predict('level=clean'), await predict(`level=${LEVEL}`)];
    expect([clean['level'], adapted['level']]).to.deep.equal(['clean', LEVEL]);
    for (const name of ['answer', 'g']) {
      const [a, b] = [clean, adapted].map(({ outputs }) => (outputs as Record<string, { data: number[] }>)[name]!.data);
      expect(a).to.have.length(b!.length);
      expect(
        a!.some((value, i) => Math.abs(value - b![i]!) > 1e-3),
        name,
      ).to.equal(true);
    }
  });

  it('of a known detector answer with boxes in pixels of the picture, and with its numbers where asked', async () => {
    const { boxes, outputs, width, height } = (await predict('model=boxes&level=clean')) as Body & {
      boxes: FoundBox[];
    };
    expect([outputs, width, height]).to.deep.equal([undefined, SIZE.width, SIZE.height]);
    expect(boxes).to.have.length.above(3);
    const scores = boxes.map(({ score }) => score);
    expect(scores).to.deep.equal([...scores].sort((a, b) => b - a));
    for (const {
      box: [x0, y0, x1, y1],
      class: id,
      label,
      score,
    } of boxes) {
      expect([x0 >= 0, x0 < x1, x1 <= SIZE.width, y0 >= 0, y0 <= y1, y1 <= SIZE.height]).to.not.include(false);
      expect(label).to.equal(['cat', 'dog'][id]);
      expect(score).to.be.within(0.25, 1);
    }
    // The best of the raw numbers, out of the letterbox again: 64 of 96 pixels, 10.5 rows of border above.
    const raw = (await predict('model=boxes&level=clean&outputs=boxes'))['outputs'] as Record<
      string,
      { data: number[] }
    >;
    const { data } = raw['boxes']!;
    const best = [...Array(64).keys()].reduce((a, b) => (sure(data, b) > sure(data, a) ? b : a));
    const [x, y, wide, tall] = [0, 1, 2, 3].map((row) => data[row * 64 + best]!) as [number, number, number, number];
    const scale = SIZE.width / SIDE;
    const top = Math.floor((SIDE - Math.round(SIZE.height / scale)) / 2);
    const down = SIZE.height / Math.round(SIZE.height / scale);
    const expected = [(x - wide / 2) * scale, (y - tall / 2 - top) * down, (x + wide / 2) * scale, (y + tall / 2 - top) * down]; // prettier-ignore
    expected.forEach((value, i) => {
      const most = i % 2 === 0 ? SIZE.width : SIZE.height;
      expect(boxes[0]!.box[i]).to.be.closeTo(Math.min(most, Math.max(0, value)), 0.01);
    });
    const adapted = (await predict(`model=boxes&level=${LEVEL}`)) as Body & { boxes: FoundBox[] };
    expect(adapted.boxes).to.not.deep.equal(boxes);
  });

  it('for foreground answer with a mask, and in JSON with probabilities', async () => {
    const answer = await post('/v1/segment?model=map&level=clean', image, { accept: 'application/json' });
    const { mask, foreground, outputs } = (await answer.json()) as Record<string, string>;
    expect(outputs).to.equal(undefined);
    const [ids, likely] = [Buffer.from(mask!, 'base64'), Buffer.from(foreground!, 'base64')];
    expect([ids.length, likely.length]).to.deep.equal([96 * 64, 96 * 64]);
    ids.forEach((id, i) => expect(id).to.equal(likely[i]! > 127 ? 1 : 0));
    expect(new Set(likely).size).to.be.above(10);
  });

  it('refuse outputs that they do not have, and unknown ways to write them', async () => {
    await expectError(await post('/v1/predict?outputs=h', image), 400, 'E_DATA_TASK', 'answer, g');
    await expectError(await post('/v1/predict?values=hex', image), 400, 'E_SERVE_REQUEST', 'query values');
    await expectError(
      await post('/v1/segment?outputs=g', image),
      400,
      'E_SERVE_REQUEST',
      'level, model or sequence_id',
    );
    await expectError(await post('/v1/segment', image), 400, 'E_DATA_TASK', '/v1/predict');
  });
});

/** How sure the detector is of a place. */
function sure(data: readonly number[], place: number): number {
  return Math.max(data[4 * 64 + place]!, data[5 * 64 + place]!);
}

/** A client of a server that is started later, whose bodies are images. */
function clientLater(server: () => Server): Pick<ReturnType<typeof clientOf>, 'get' | 'post'> {
  return {
    get: (path) => clientOf(server().url).get(path),
    post: (path, body, headers) => {
      const type: Record<string, string> = body instanceof Uint8Array ? { 'content-type': 'image/png' } : {};
      return clientOf(server().url).post(path, body, { ...type, ...headers });
    },
  };
}
