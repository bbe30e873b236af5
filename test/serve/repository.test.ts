import { expect } from 'chai';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IndexEntry } from '../../src/serve/index-entries.js';
import { ROOT } from '../support/sources.js';
import { answerOf, expectError, openDouble, startDouble, stopAll, type TestClient } from './support/server.js';

const LOAD = (name: string): string => `/v2/repository/models/${encodeURIComponent(name)}/load`;
const UNLOAD = (name: string): string => `/v2/repository/models/${encodeURIComponent(name)}/unload`;

async function index(server: TestClient, body: object = {}): Promise<Record<string, string>> {
  const entries = (await (await server.post('/v2/repository/index', body)).json()) as IndexEntry[];
  return Object.fromEntries(entries.map(({ name, state }) => [name, state]));
}

describe('serve: model repository', () => {
  let server: TestClient;

  beforeEach(async () => {
    server = await openDouble();
  });
  afterEach(stopAll);

  it('lists the network and its adaptors; the ready ones alone where asked', async () => {
    expect(await index(server)).to.deep.equal({ demo: 'READY', 'demo:jpeg=5': 'READY', 'demo:jpeg=10': 'READY' });
    await server.post(UNLOAD('demo:jpeg=5'));
    expect(await index(server)).to.include({ 'demo:jpeg=5': 'UNAVAILABLE', 'demo:jpeg=10': 'READY' });
    expect(await index(server, { ready: true })).to.not.have.property('demo:jpeg=5');
  });

  it('an adaptor that is unloaded is used no more, but the nearest one, and used again once loaded', async () => {
    expect((await server.post(UNLOAD('demo:jpeg=5'))).status).to.equal(200);
    expect((await answerOf(await server.infer(1, { level: 'jpeg=5' }))).parameters.level).to.equal('jpeg=10');
    expect((await server.post(LOAD('demo:jpeg=5'))).status).to.equal(200);
    expect((await answerOf(await server.infer(1, { level: 'jpeg=5' }))).parameters.level).to.equal('jpeg=5');
  });

  it('an adaptor whose folder comes while the server runs can be loaded', async () => {
    await expectError(await server.post(LOAD('demo:jpeg=20')), 404, 'E_SERVE_MODEL', 'demo:jpeg=10');
    const level = join('jpeg=20');
    await cp(join(ROOT, 'checkpoints/demo/adaptors', level), join(server.adaptors, level), { recursive: true });
    expect(await index(server)).to.include({ 'demo:jpeg=20': 'UNAVAILABLE' });
    expect((await server.post(LOAD('demo:jpeg=20'))).status).to.equal(200);
    expect((await answerOf(await server.infer(1, { level: 'jpeg=20' }))).parameters.level).to.equal('jpeg=20');
    const { parameters } = (await (await server.get('/v2/models/demo')).json()) as { parameters: { levels: string[] } };
    expect(parameters.levels).to.include('jpeg=20');
  });

  it('a network that is unloaded is gone until it is loaded again', async () => {
    expect((await server.post(UNLOAD('demo'), { parameters: { unload_dependents: false } })).status).to.equal(200);
    await expectError(await server.infer(1), 404, 'E_SERVE_MODEL');
    expect((await server.get('/v2/health/ready')).status).to.equal(503);
    expect((await server.post(LOAD('demo'))).status).to.equal(200);
    expect((await server.infer(1)).status).to.equal(200);
    expect((await server.get('/v2/health/ready')).status).to.equal(200);
  });

  it('another checkpoint of the models folder is loaded by its name, and only of that folder', async () => {
    const models = join(server.adaptors, '../models');
    await mkdir(join(models, 'night'), { recursive: true });
    await mkdir(join(models, 'no-checkpoint'));
    await writeFile(join(models, 'night/config.json'), '{}');
    const other = await openDouble({ models });
    expect(await index(other))
      .to.include({ demo: 'READY', night: 'UNAVAILABLE' })
      .and.not.have.property('no-checkpoint');
    expect((await other.post(LOAD('night'))).status).to.equal(200);
    expect((await other.get('/v2/models/night')).status).to.equal(200);
    await expectError(await other.post(LOAD('../demo')), 404, 'E_SERVE_MODEL');
    expect((await other.infer(1)).status).to.equal(200);
    await rm(models, { recursive: true });
  });

  it('a checkpoint that cannot be loaded is 422, whatever is wrong with it', async () => {
    const models = join(server.adaptors, '../models');
    const codes = ['E_CHECKPOINT', 'E_MODEL_NAME', 'E_SAFETENSORS', 'E_STATE', 'E_UPSAMPLER'];
    for (const code of codes) {
      await mkdir(join(models, code), { recursive: true });
      await writeFile(join(models, code, 'config.json'), '{}');
    }
    const other = await openDouble({ models });
    for (const code of codes) await expectError(await other.post(LOAD(code)), 422, code);
    expect((await other.infer(1)).status).to.equal(200);
  });

  it('what is not loaded cannot be unloaded, and options that it has none of are refused', async () => {
    await expectError(await server.post(UNLOAD('other')), 404, 'E_SERVE_MODEL');
    await expectError(await server.post(UNLOAD('demo:jpeg=77')), 404, 'E_SERVE_MODEL');
    await expectError(await server.post(LOAD('demo'), { parameters: { config: '{}' } }), 400, 'E_SERVE_REQUEST');
    await expectError(await server.post(LOAD('demo'), '{'), 400, 'E_SERVE_REQUEST');
  });
});

describe('serve: metrics', () => {
  after(stopAll);

  it('count requests, frames by level, swaps and bytes', async () => {
    const server = await startDouble();
    for (const level of ['jpeg=5', 'jpeg=5', 'jpeg=10', 'clean']) await answerOf(await server.infer(1, { level }));
    await server.get('/nowhere');
    const response = await server.get('/metrics');
    expect(response.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    const lines = (await response.text()).split('\n');
    expect(lines).to.include.members([
      'gearnn_requests_total{route="/v2/models/:model/infer",method="POST",status="200"} 4',
      'gearnn_requests_total{route="other",method="GET",status="404"} 1',
      'gearnn_frames_total{model="demo",level="jpeg=5"} 2',
      'gearnn_frames_total{model="demo",level="jpeg=10"} 1',
      'gearnn_frames_total{model="demo",level="clean"} 1',
      'gearnn_swaps_total{model="demo"} 2',
      'gearnn_queue_length 0',
      'gearnn_engine_ready 1',
      'gearnn_resident_bytes{part="base"} 4000',
      'gearnn_resident_bytes{part="adaptors"} 80',
      'gearnn_request_seconds_count{route="/v2/models/:model/infer"} 4',
    ]);
    const engine = lines.find((line) => line.startsWith('gearnn_resident_bytes{part="engine"}'))!;
    expect(Number(engine.split(' ')[1])).to.be.above(1e6);
  });
});

describe('serve: description', () => {
  after(stopAll);

  it('every page is in openapi.json, and every path of openapi.json answers', async () => {
    const server = await openDouble();
    const { paths } = (await (await server.get('/openapi.json')).json()) as { paths: Record<string, object> };
    for (const [path, operations] of Object.entries(paths)) {
      const url = path.replace('{model}', 'demo').replace('{version}', '1').replace('{name}', '0.png');
      for (const method of Object.keys(operations)) {
        const { status } = await server.get(url, { method: method.toUpperCase() });
        expect(status, `${method} ${url}`).to.not.be.oneOf([404, 405, 500]);
      }
    }
    const page = await (await server.get('/docs')).text();
    for (const path of Object.keys(paths)) expect(page).to.contain(path);
  });
});
