import { expect } from 'chai';
import { openScenes } from '../../src/data/scenes.js';
import { encodeDistorted } from '../../src/distort/distort.js';
import { parseLevel } from '../../src/distort/level.js';
import { decodeImage } from '../../src/image/decode.js';
import { encodePng } from '../../src/image/encode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { WITHOUT_NODE_AV } from '../cli/support/without-package.js';
import { expectError, openDouble, pass, startDouble, stopAll } from './support/server.js';

const IMAGE: Pixels = {
  data: Uint8Array.from({ length: 16 * 24 * 3 }, (_, i) => (i * 37) % 256),
  width: 24,
  height: 16,
  channels: 3,
};

describe('serve: /v1/distort', () => {
  afterEach(stopAll);

  const LEVELS = [
    ['jpeg=7', 'image/jpeg'],
    ['brightness=0.3', 'image/png'],
    ['brightness=0.5+jpeg=30', 'image/jpeg'],
    ['resolution=12x8', 'image/png'],
    ['resolution=0.5x+jpeg=30', 'image/jpeg'],
    ['clean', 'image/png'],
  ] as const;
  for (const [level, type] of LEVELS) {
    it(`${level}: byte for byte what gearnn distort writes`, async () => {
      const server = await openDouble();
      const response = await server.post(`/v1/distort?level=${level}`, await encodePng(IMAGE));
      expect([response.status, response.headers.get('content-type')]).to.deep.equal([200, type]);
      const expected = await encodeDistorted(IMAGE, parseLevel(level));
      expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), expected)).to.equal(0);
    });
  }

  it('a level that is none, no level, and a damaged image are 400; no image is 415, a large one 413', async () => {
    const server = await openDouble({ limits: { pixels: 16 * 24 } });
    const png = await encodePng(IMAGE);
    await expectError(await server.post('/v1/distort?level=jpeg=0', png), 400, 'E_DISTORT_LEVEL');
    await expectError(await server.post('/v1/distort?level=resolution=26x16', png), 400, 'E_DISTORT_SIZE', '24x16');
    await expectError(
      await server.post('/v1/distort?level=h264=24-gop12', png),
      400,
      'E_SERVE_REQUEST',
      'single pictures',
    );
    await expectError(await server.post('/v1/distort', png), 400, 'E_SERVE_REQUEST', 'level');
    await expectError(await server.post('/v1/distort?level=a&level=b', png), 400, 'E_SERVE_REQUEST', 'level');
    await expectError(await server.post('/v1/distort?level=jpeg=5', png.subarray(0, 200)), 400, 'E_IMAGE_DECODE');
    await expectError(await server.post('/v1/distort?level=jpeg=5', 'hello'), 415, 'E_SERVE_FORMAT');
    const large = await encodePng({ ...IMAGE, data: new Uint8Array(17 * 24 * 3), height: 17 });
    await expectError(await server.post('/v1/distort?level=jpeg=5', large), 413, 'E_SERVE_PIXELS');
  });

  it('a level of videos is 501 where node-av is not installed', async () => {
    const before = process.env['NODE_OPTIONS'];
    process.env['NODE_OPTIONS'] = `${before ?? ''} --import=${WITHOUT_NODE_AV}`;
    try {
      const server = await openDouble();
      const response = await server.post('/v1/distort?level=h264=30', await encodePng(IMAGE));
      await expectError(response, 501, 'E_VIDEO_PACKAGE', 'npm install node-av');
      expect((await server.post('/v1/distort?level=jpeg=5', await encodePng(IMAGE))).status).to.equal(200);
    } finally {
      if (before === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = before;
    }
  });

  it('takes three steps at most, as nobody else is answered meanwhile', async () => {
    const server = await openDouble();
    const png = await encodePng(IMAGE);
    const level = (steps: number): string => Array<string>(steps).fill('jpeg=50').join('+');
    expect((await server.post(`/v1/distort?level=${level(3)}`, png)).status).to.equal(200);
    await expectError(await server.post(`/v1/distort?level=${level(4)}`, png), 400, 'E_SERVE_REQUEST');
  });

  it('a fifth image at a time is 503, and later ones are taken again', async () => {
    const server = await startDouble();
    const png = await encodePng(IMAGE);
    const blocked = server.infer(1, { sequence_id: 'block:3000' });
    await pass(300);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => server.post('/v1/distort?level=jpeg=5', png)));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 200, 200, 200, 503]);
    const refused = answers.find(({ status }) => status === 503)!;
    expect(Number(refused.headers.get('retry-after'))).to.be.at.least(1);
    await expectError(refused, 503, 'E_SERVE_BUSY');
    await blocked;
    expect((await server.post('/v1/distort?level=jpeg=5', png)).status).to.equal(200);
  });

  it('an image that is not ready by the deadline is 504', async () => {
    const server = await startDouble({ limits: { deadline: 0.2 } });
    const png = await encodePng(IMAGE);
    const blocked = server.infer(1, { sequence_id: 'block:2000' });
    await pass(300);
    await expectError(await server.post('/v1/distort?level=jpeg=5', png), 504, 'E_SERVE_DEADLINE');
    await blocked;
  });
});

describe('serve: samples', () => {
  afterEach(stopAll);

  it('are the first validation scenes of scenes:7, at 128 x 256 where the network says no size', async () => {
    const server = await openDouble();
    const scenes = await openScenes('7', 'scenes:7');
    for (const i of [0, 3]) {
      const response = await server.get(`/samples/${i}.png`);
      expect(response.headers.get('content-type')).to.equal('image/png');
      const expected = await scenes.readImage(scenes.samples('val')[i]!);
      expect(await decodeImage(new Uint8Array(await response.arrayBuffer()), 'sample')).to.deep.equal(expected);
    }
  });

  it('there are four, for networks that are loaded', async () => {
    const server = await openDouble();
    for (const name of ['4.png', '0.jpg', '00.png', '-1.png', '..%2f0.png'])
      await expectError(await server.get(`/samples/${name}`), 404, 'E_SERVE_ROUTE');
    await expectError(await server.get('/samples/0.png?model=other'), 404, 'E_SERVE_MODEL');
    await expectError(await server.get('/page/index.html'), 404, 'E_SERVE_ROUTE');
    await expectError(await server.post('/'), 405, 'E_SERVE_METHOD');
    expect((await server.get('/samples/0.png?model=demo')).status).to.equal(200);
  });

  it('take the token where there is one; the page itself does not, so that it can ask for it', async () => {
    const server = await openDouble({ token: 's3cret' });
    await expectError(await server.get('/samples/0.png'), 401, 'E_SERVE_AUTH');
    await expectError(await server.post('/v1/distort?level=jpeg=5', await encodePng(IMAGE)), 401, 'E_SERVE_AUTH');
    for (const path of ['/', '/page/main.js', '/page/base.css', '/page/icon.svg'])
      expect((await server.get(path)).status, path).to.equal(200);
  });
});
