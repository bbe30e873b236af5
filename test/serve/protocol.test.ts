import { expect } from 'chai';
import { gzipSync } from 'node:zlib';
import { encodeJpeg } from '../../src/image/encode.js';
import { answerOf, expectError, openDouble, stopAll, type TestClient } from './support/server.js';
import { binaryRequest, element, IMAGE, INFER, pixels, RED, sumOf } from './support/requests.js';

describe('serve: Open Inference Protocol', () => {
  let server: TestClient;

  before(async () => {
    server = await openDouble();
  });
  after(stopAll);

  it('is live and ready, and says its name, its network and its inputs', async () => {
    expect(await (await server.get('/v2/health/live')).json()).to.deep.equal({ live: true });
    expect((await server.get('/v2/health/ready')).status).to.equal(200);
    expect((await server.get('/v2/models/demo/ready')).status).to.equal(200);
    expect(await (await server.get('/v2')).json()).to.include({ name: 'gearnn' });
    const model = (await (await server.get('/v2/models/demo')).json()) as Record<string, unknown>;
    expect(model).to.deep.include({
      name: 'demo',
      versions: ['1'],
      inputs: [
        { name: 'image', datatype: 'BYTES', shape: [1] },
        { name: 'pixels', datatype: 'UINT8', shape: [1, -1, -1, 3] },
      ],
      outputs: [{ name: 'mask', datatype: 'UINT8', shape: [1, -1, -1] }],
    });
  });

  it('UINT8 pixels in JSON: mask, level, confidence, id and sequence_id come back', async () => {
    const parameters = { level: 'jpeg=10', sequence_id: 'gate' };
    const answer = await answerOf(await server.post(INFER, { id: 'a1', parameters, inputs: [pixels()] }));
    const { version } = answer.parameters;
    expect(version).to.match(/^[0-9a-f]{12}$/);
    expect(answer).to.deep.equal({
      model_name: 'demo',
      model_version: '1',
      id: 'a1',
      parameters: { level: 'jpeg=10', version, confidence: 1, sequence_id: 'gate' },
      outputs: [{ name: 'mask', datatype: 'UINT8', shape: [1, 4, 6], data: RED }],
    });
  });

  it('without id, level and sequence: none of them comes back, but the level that was found', async () => {
    const answer = await answerOf(await server.post(INFER, { inputs: [pixels()] }));
    expect(answer).to.not.have.property('id');
    expect(answer.parameters).to.deep.equal({ level: 'clean', version: 'base', confidence: 0.5 });
  });

  it('UINT8 pixels are accepted under `image` too, and nested lists', async () => {
    const rows = Array.from({ length: 4 }, (_, y) =>
      Array.from({ length: 6 }, (_, x) => [...IMAGE.data.subarray((y * 6 + x) * 3, (y * 6 + x) * 3 + 3)]),
    );
    const answer = await answerOf(await server.post(INFER, { inputs: [pixels({ name: 'image', data: [rows] })] }));
    expect(answer.outputs[0]!.data).to.deep.equal(RED);
  });

  it('FP32 pixels from 0 to 255 are rounded, in JSON and in binary', async () => {
    const values = Float32Array.from(IMAGE.data, (value) => value + 0.25);
    const input = pixels({ datatype: 'FP32', data: [...values] });
    const json = await answerOf(await server.post(INFER, { inputs: [input] }));
    expect(json.outputs[0]!.data).to.deep.equal(RED);
    const described = pixels({
      datatype: 'FP32',
      data: undefined,
      parameters: { binary_data_size: values.byteLength },
    });
    const binary = await server.post(INFER, ...binaryRequest({ inputs: [described] }, new Uint8Array(values.buffer)));
    expect((await answerOf(binary)).outputs[0]!.data).to.deep.equal(RED);
  });

  it('binary UINT8 in, binary mask out: JSON of the stated length and then a byte per pixel', async () => {
    const input = pixels({ data: undefined, parameters: { binary_data_size: IMAGE.data.length } });
    for (const asked of [
      { parameters: { binary_data_output: true } },
      { outputs: [{ name: 'mask', parameters: { binary_data: true } }] },
    ]) {
      const response = await server.post(INFER, ...binaryRequest({ inputs: [input], ...asked }, IMAGE.data));
      const body = Buffer.from(await response.arrayBuffer());
      const at = Number(response.headers.get('inference-header-content-length'));
      const { outputs } = JSON.parse(body.subarray(0, at).toString()) as { outputs: object[] };
      expect(outputs).to.deep.equal([
        { name: 'mask', datatype: 'UINT8', shape: [1, 4, 6], parameters: { binary_data_size: 24 } },
      ]);
      expect([...body.subarray(at)]).to.deep.equal(RED);
    }
  });

  it('an encoded image as BYTES: binary, base64 with content_type, and a character per byte', async () => {
    const jpeg = await encodeJpeg(IMAGE, 50);
    const image = { name: 'image', datatype: 'BYTES', shape: [1] };
    const bytes = element(jpeg);
    const requests = [
      binaryRequest({ inputs: [{ ...image, parameters: { binary_data_size: bytes.length } }] }, bytes),
      [
        {
          inputs: [{ ...image, parameters: { content_type: 'base64' }, data: [Buffer.from(jpeg).toString('base64')] }],
        },
      ],
      [{ inputs: [{ ...image, data: [Buffer.from(jpeg).toString('latin1')] }] }],
    ] as const;
    for (const [body, headers] of requests) {
      const { outputs } = await answerOf(await server.post(INFER, body as object, headers));
      expect(outputs[0]).to.deep.include({ shape: [1, 4, 6], data: Array<number>(24).fill(sumOf(jpeg)) });
    }
  });

  it('a mask of many pixels comes back whole in JSON', async () => {
    const { outputs } = await answerOf(await server.infer(7, {}, [500, 800]));
    expect(outputs[0]!.shape).to.deep.equal([1, 500, 800]);
    expect(outputs[0]!.data).to.deep.equal(Array<number>(400_000).fill(7));
  });

  it('a compressed body is read, one that unpacks beyond the limit is refused', async () => {
    const json = JSON.stringify({ inputs: [pixels()] });
    const answer = await server.post(INFER, gzipSync(json), { 'content-encoding': 'gzip' });
    expect((await answerOf(answer)).outputs[0]!.data).to.deep.equal(RED);
    const bomb = gzipSync(Buffer.alloc(40 * 2 ** 20));
    await expectError(await server.post(INFER, bomb, { 'content-encoding': 'gzip' }), 413, 'E_SERVE_BODY');
    await expectError(await server.post(INFER, 'x', { 'content-encoding': 'gzip' }), 415, 'E_SERVE_ENCODING');
    await expectError(await server.post(INFER, 'x', { 'content-encoding': 'br' }), 415, 'E_SERVE_ENCODING');
  });

  it('the address with the version answers the same; another version, network or page is 404', async () => {
    const body = { inputs: [pixels()] };
    expect((await server.post('/v2/models/demo/versions/1/infer', body)).status).to.equal(200);
    await expectError(await server.post('/v2/models/demo/versions/2/infer', body), 404, 'E_SERVE_MODEL');
    await expectError(await server.post('/v2/models/other/infer', body), 404, 'E_SERVE_MODEL', 'demo');
    await expectError(await server.get('/v3'), 404, 'E_SERVE_ROUTE');
  });

  it('a page asked by a wrong method is 405, with the right ones in Allow', async () => {
    const response = await server.get(INFER);
    expect(response.headers.get('allow')).to.equal('POST');
    await expectError(response, 405, 'E_SERVE_METHOD');
  });

  const WRONG: [title: string, request: object | string, place: string][] = [
    ['no JSON', '{', 'request'],
    ['no input', { inputs: [] }, 'inputs'],
    ['two inputs', { inputs: [pixels(), pixels()] }, 'inputs'],
    ['an unknown input', { inputs: [pixels({ name: 'frame' })] }, 'inputs.0'],
    ['an unknown datatype', { inputs: [pixels({ datatype: 'INT64' })] }, 'inputs.0'],
    ['two images', { inputs: [pixels({ shape: [2, 2, 6, 3] })] }, 'inputs.0.shape'],
    ['four channels', { inputs: [pixels({ shape: [1, 3, 6, 4] })] }, 'inputs.0.shape'],
    ['a negative size', { inputs: [pixels({ shape: [1, -4, -6, 3] })] }, 'inputs.0.shape'],
    ['too few values', { inputs: [pixels({ data: [1, 2, 3] })] }, 'inputs.0.data'],
    ['too many values', { inputs: [pixels({ data: Array(73).fill(0) })] }, 'inputs.0.data'],
    ['256 as UINT8', { inputs: [pixels({ data: Array(72).fill(256) })] }, 'inputs.0.data'],
    ['a fraction as UINT8', { inputs: [pixels({ data: Array(72).fill(0.5) })] }, 'inputs.0.data'],
    ['a negative FP32', { inputs: [pixels({ datatype: 'FP32', data: Array(72).fill(-1) })] }, 'inputs.0.data'],
    ['text among the values', { inputs: [pixels({ data: Array(72).fill('1') })] }, 'inputs.0.data'],
    [
      'binary data that is not there',
      { inputs: [pixels({ data: undefined, parameters: { binary_data_size: 72 } })] },
      'binary',
    ],
    ['another output', { inputs: [pixels()], outputs: [{ name: 'logits' }] }, 'outputs'],
    ['a number as level', { parameters: { level: 10 }, inputs: [pixels()] }, 'parameters.level'],
    [
      'base64 that is none',
      {
        inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], parameters: { content_type: 'base64' }, data: ['%'] }],
      },
      'inputs.0.data',
    ],
  ];
  for (const [title, request, place] of WRONG) {
    it(`${title}: 400 with the place`, async () => {
      await expectError(await server.post(INFER, request), 400, 'E_SERVE_REQUEST', place);
    });
  }

  it('binary lengths that do not add up are 400', async () => {
    const input = (size: number): object => ({
      inputs: [pixels({ data: undefined, parameters: { binary_data_size: size } })],
    });
    for (const [body, headers] of [
      binaryRequest(input(71), IMAGE.data),
      binaryRequest(input(72), IMAGE.data.subarray(1)),
      [binaryRequest(input(72), IMAGE.data)[0], { 'Inference-Header-Content-Length': '100000' }],
      [binaryRequest(input(72), IMAGE.data)[0], { 'Inference-Header-Content-Length': '-1' }],
      binaryRequest(
        { inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: 8 } }] },
        Buffer.from([255, 255, 255, 255, 1, 2, 3, 4]),
      ),
    ] as [Uint8Array, Record<string, string>][])
      await expectError(await server.post(INFER, body, headers), 400, 'E_SERVE_REQUEST');
  });

  it('a level that is none is 400, one that no adaptor is near too, with different codes', async () => {
    const post = (level: string): Promise<Response> =>
      server.post(INFER, { parameters: { level }, inputs: [pixels()] });
    await expectError(await post('jpeg=0'), 400, 'E_DISTORT_LEVEL');
    // Without the size of undistorted frames there is no telling how far a resolution is from any other.
    await expectError(await post('resolution=64x48'), 400, 'E_ADAPTOR_LEVEL');
    expect((await answerOf(await post('jpeg=11'))).parameters.level).to.equal('jpeg=10');
  });

  it('a fault of the network is 500, and says nothing about the inside', async () => {
    const response = await server.infer(1, { sequence_id: 'throw' });
    expect(await response.clone().text()).to.not.contain('a fault of the network');
    await expectError(response, 500, 'E_SERVE_INTERNAL');
  });
});
