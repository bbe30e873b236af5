import { expect } from 'chai';
import { encodePng } from '../../src/image/encode.js';
import { expectError, openDouble, stopAll, type TestClient } from './support/server.js';
import { IMAGE, sumOf } from './support/requests.js';

describe('serve: /v1/segment', () => {
  let server: TestClient;

  before(async () => {
    server = await openDouble();
  });
  after(stopAll);

  it('answers a gray PNG of class ids, with level and confidence in headers', async () => {
    const png = await encodePng(IMAGE);
    const response = await server.post('/v1/segment?level=jpeg=10', png);
    expect(response.headers.get('content-type')).to.equal('image/png');
    expect(response.headers.get('x-gearnn-level')).to.equal('jpeg=10');
    expect(response.headers.get('x-gearnn-confidence')).to.equal('1');
    const mask = await decodeMask(response);
    expect(mask).to.deep.equal({ width: 6, height: 4, data: Array<number>(24).fill(sumOf(png)) });
  });

  it('answers JSON where Accept asks for it, the mask in base64', async () => {
    const png = await encodePng(IMAGE);
    const response = await server.post('/v1/segment', png, { accept: 'application/json' });
    const body = (await response.json()) as { mask: string; level: string; width: number };
    expect(body).to.include({ level: 'clean', width: 6, height: 4, model: 'demo' });
    expect([...Buffer.from(body.mask, 'base64')]).to.deep.equal(Array<number>(24).fill(sumOf(png)));
  });

  it('says why something else than the adaptor of the level answered', async () => {
    const png = await encodePng(IMAGE);
    const path = `/v1/segment?sequence_id=${encodeURIComponent('reason:base is better')}`;
    const asMask = await server.post(path, png);
    expect(asMask.headers.get('x-gearnn-reason')).to.equal('base is better');
    const body = (await (await server.post(path, png, { accept: 'application/json' })).json()) as object;
    expect(body).to.include({ reason: 'base is better' });
    const plain = await server.post('/v1/segment', png);
    expect(plain.headers.has('x-gearnn-reason')).to.equal(false);
    const inferred = await server.infer(7, { sequence_id: 'reason:base is better' });
    expect(((await inferred.json()) as { parameters: object }).parameters).to.include({ reason: 'base is better' });
  });

  it('a level joined by `+` arrives as such, as a space and escaped', async () => {
    const png = await encodePng(IMAGE);
    for (const written of [
      'resolution=64x48+jpeg=10',
      'resolution=64x48%20jpeg=10',
      'resolution%3D64x48%2Bjpeg%3D10',
    ]) {
      const response = await server.post(`/v1/segment?level=${written}`, png);
      await expectError(response, 400, 'E_ADAPTOR_LEVEL', 'got resolution=64x48+jpeg=10');
    }
  });

  it('what is no image is 415, nothing at all too, an unknown parameter 400', async () => {
    await expectError(await server.post('/v1/segment', 'hello'), 415, 'E_SERVE_FORMAT');
    await expectError(await server.post('/v1/segment'), 415, 'E_SERVE_FORMAT', 'nothing');
    await expectError(
      await server.post('/v1/segment?lvl=clean', await encodePng(IMAGE)),
      400,
      'E_SERVE_REQUEST',
      'lvl',
    );
  });
});

async function decodeMask(response: Response): Promise<{ width: number; height: number; data: number[] }> {
  const { decodeLabelMap } = await import('../../src/image/labels.js');
  const { width, height, data } = await decodeLabelMap(new Uint8Array(await response.arrayBuffer()), 'mask');
  return { width, height, data: [...data] };
}
