import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openScenes } from '../../src/data/scenes.js';
import { encodePng } from '../../src/image/encode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { type Server, startServer } from '../../src/serve/server.js';
import { adaptorsIn, LEVEL, NAMES, writeClassifier } from '../support/classifier.js';
import { onTensorflow } from '../support/engines.js';
import { clientOf } from './support/server.js';

onTensorflow('serve: a ResNet in the engine process', () => {
  let folder: string;
  let server: Server | undefined;
  let image: Pixels;
  const expected: Record<string, number[]> = {};

  before(async function () {
    this.timeout(120_000);
    folder = await mkdtemp(join(tmpdir(), 'gearnn-classes-'));
    await writeClassifier(folder, { fit: { resize: 72, crop: 64 } });
    const scenes = await openScenes('7@48x80', 'scenes:7@48x80');
    image = await scenes.readImage(scenes.samples('val')[0]!);
    const runner = await AdaptiveRunner.load({ checkpoint: folder, adaptors: adaptorsIn(folder) });
    for (const level of ['clean', LEVEL]) {
      expected[level] = [...(await runner.infer(image, { level })).probabilities!];
    }
    runner.dispose();
    server = await startServer({ checkpoint: folder, adaptors: adaptorsIn(folder) });
  });
  after(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('gives the probabilities of each level over the protocol, as the runner in this process gives them', async () => {
    const client = clientOf(server!.url);
    const index = await client.post('/v2/repository/index', { ready: true });
    const [{ name: model }] = (await index.json()) as [{ name: string }];
    const { outputs } = (await (await client.get(`/v2/models/${model}`)).json()) as { outputs: object[] };
    expect(outputs).to.deep.equal([{ name: 'probabilities', datatype: 'FP32', shape: [1, NAMES.length] }]);
    const { data, width, height } = image;
    for (const level of ['clean', LEVEL]) {
      const answer = await client.post(`/v2/models/${model}/infer`, {
        parameters: { level },
        inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, height, width, 3], data: [...data] }],
      });
      const { outputs: found } = (await answer.json()) as { outputs: { data: number[] }[] };
      expect(answer.status).to.equal(200);
      found[0]!.data.forEach((value, c) => expect(value, `${level} ${c}`).to.be.closeTo(expected[level]![c]!, 1e-5));
    }
    const moved = expected['clean']!.map((value, c) => Math.abs(value - expected[LEVEL]![c]!));
    expect(Math.max(...moved)).to.be.above(0.01);
  });

  it('names the likeliest class at POST /v1/predict', async () => {
    const body = await encodePng(image);
    const answer = await clientOf(server!.url).post(`/v1/predict?level=${LEVEL}`, body, {
      'content-type': 'image/png',
    });
    const found = (await answer.json()) as { class: string; probability: number; level: string; top: object[] };
    const best = Math.max(...expected[LEVEL]!);
    expect(found.class).to.equal(NAMES[expected[LEVEL]!.indexOf(best)]);
    expect(found.probability).to.be.closeTo(best, 1e-5);
    expect(found).to.include({ level: LEVEL });
    expect(found.top).to.have.length(5);
  });
});
