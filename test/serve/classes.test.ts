import { expect } from 'chai';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cp } from 'node:fs/promises';
import { encodePng } from '../../src/image/encode.js';
import { topClasses } from '../../src/serve/answer.js';
import { expectError, openDouble, stopAll, type TestClient } from './support/server.js';

const IMAGE = { data: new Uint8Array(4 * 6 * 3), width: 6, height: 4, channels: 3 as const };
const PIXELS = { name: 'pixels', datatype: 'UINT8', shape: [1, 4, 6, 3], data: [...IMAGE.data] };
const HEADERS = { 'content-type': 'image/png' };

describe('serve: networks that classify', () => {
  let server: TestClient;

  before(async () => {
    const { adaptors } = await openDouble();
    const models = join(adaptors, '../models');
    await mkdir(models, { recursive: true });
    await cp('checkpoints/demo', join(models, 'classes'), { recursive: true });
    server = await openDouble({ models });
    const loaded = await server.post('/v2/repository/models/classes/load');
    expect(loaded.status, await loaded.text()).to.equal(200);
  });
  after(stopAll);

  it('have probabilities for their output, by name, type and number of classes', async () => {
    const model = (await (await server.get('/v2/models/classes')).json()) as { outputs: object[]; parameters: object };
    expect(model.outputs).to.deep.equal([{ name: 'probabilities', datatype: 'FP32', shape: [1, 2] }]);
    expect(model.parameters).to.include({ task: 'classification' });
  });

  it('answer the protocol with a probability per class, in JSON and as bytes', async () => {
    const path = '/v2/models/classes/infer';
    const json = (await (await server.post(path, { inputs: [PIXELS] })).json()) as { outputs: object[] };
    const output = { name: 'probabilities', datatype: 'FP32', shape: [1, 2] };
    expect(json.outputs).to.deep.equal([{ ...output, data: [0.25, 0.75] }]);
    const answer = await server.post(path, {
      inputs: [PIXELS],
      outputs: [{ name: 'probabilities', parameters: { binary_data: true } }],
    });
    const length = Number(answer.headers.get('inference-header-content-length'));
    const bytes = Buffer.from(await answer.arrayBuffer()).subarray(length);
    expect([bytes.length, bytes.readFloatLE(0), bytes.readFloatLE(4)]).to.deep.equal([8, 0.25, 0.75]);
  });

  it('answer POST /v1/predict with the class, its probability and the likeliest five', async () => {
    const answer = await server.post('/v1/predict?model=classes&level=jpeg=5', await encodePng(IMAGE), HEADERS);
    expect(answer.headers.get('x-gearnn-level')).to.equal('jpeg=5');
    const body = (await answer.json()) as Record<string, unknown>;
    expect(body).to.deep.include({ model: 'classes', class: 'cat', probability: 0.75, level: 'jpeg=5' });
    expect(body).to.not.have.any.keys('mask', 'probabilities');
    expect(body['top']).to.have.length(2);
  });

  it('give no mask, and networks with masks no class: either says where to ask', async () => {
    const image = await encodePng(IMAGE);
    const segment = await server.post('/v1/segment?model=classes', image, HEADERS);
    await expectError(segment, 400, 'E_DATA_TASK', '/v1/predict');
    await expectError(await server.post('/v1/predict', image, HEADERS), 400, 'E_DATA_TASK', '/v1/segment');
    const wrong = { inputs: [PIXELS], outputs: [{ name: 'mask' }] };
    await expectError(await server.post('/v2/models/classes/infer', wrong), 400, 'E_SERVE_REQUEST', 'probabilities');
  });
});

describe('serve: the likeliest classes', () => {
  it('are sorted by probability, equal ones by id, and no more than are asked for', () => {
    const classes = ['a', 'b', 'c'].map((name) => ({ name }));
    expect(topClasses(Float32Array.of(0.25, 0.5, 0.25), classes, 2)).to.deep.equal([
      { id: 1, class: 'b', probability: 0.5 },
      { id: 0, class: 'a', probability: 0.25 },
    ]);
  });
});
