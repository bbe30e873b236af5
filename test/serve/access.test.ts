import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { GearnnError } from '../../src/common/errors.js';
import { settle } from '../../src/common/outcome.js';
import { Access } from '../../src/serve/access.js';
import { followTokens, readTokens } from '../../src/serve/token-file.js';
import { expectFailure } from '../support/failure.js';
import { expectError, openDoubleApp, pass, stopAll } from './support/server.js';

describe('serve: tokens by right', () => {
  let folder: string;
  let file: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-tokens-'));
    file = join(folder, 'tokens');
  });
  after(async () => {
    await rm(folder, { recursive: true });
    await stopAll();
  });

  const tokensOf = async (text: string): ReturnType<typeof readTokens> => {
    await writeFile(file, text);
    return readTokens(file);
  };

  it('a file of one word is a token for everything; lines say what each allows', async () => {
    expect(await tokensOf(' s3cret\n')).to.deep.equal([{ token: 's3cret', rights: ['infer', 'admin', 'metrics'] }]);
    expect(await tokensOf('# cameras\ninfer c1\n\ninfer,metrics\tm1\r\n')).to.deep.equal([
      { token: 'c1', rights: ['infer'] },
      { token: 'm1', rights: ['infer', 'metrics'] },
    ]);
  });

  it('any other file is a wrong call that shows no token', async () => {
    for (const text of ['', '# all\n', 'infer s3cret more\n', 'inferr s3cret\n', 'infer a\ns3cret\n']) {
      const error = (await settle(() => tokensOf(text))) as GearnnError;
      expect(error.code, text).to.equal('E_USAGE');
      expect(error.message).to.contain('--token-file').and.to.not.contain('s3cret');
    }
  });

  it('each token does what it allows, and nothing else', async () => {
    const { app, context } = await openDoubleApp();
    context.access.replace(await tokensOf('infer i\nadmin a\nmetrics m\n'));
    const pages: [right: string, method: 'GET' | 'POST', url: string][] = [
      ['m', 'GET', '/metrics'],
      ['a', 'POST', '/v2/repository/models/demo:jpeg=5/load'],
      ['i', 'POST', '/v1/segment'],
    ];
    for (const [right, method, url] of pages) {
      for (const token of ['i', 'a', 'm']) {
        const { statusCode, body } = await app.inject({ method, url, headers: { authorization: `Bearer ${token}` } });
        if (token === right) expect(statusCode, `${token} ${url}`).to.not.be.oneOf([401, 403]);
        else await expectError(new Response(body, { status: statusCode }), 403, 'E_SERVE_RIGHT');
      }
      expect((await app.inject({ method, url })).statusCode).to.equal(401);
    }
    for (const token of ['i', 'a', 'm'])
      expect((await app.inject({ url: '/v2', headers: { authorization: `Bearer ${token}` } })).statusCode).to.equal(
        200,
      );
  });

  it('a file that changes counts within two seconds; one that is wrong changes nothing and is told once', async () => {
    const told: string[] = [];
    const logger = pino({}, { write: (line: string) => told.push((JSON.parse(line) as { msg: string }).msg) });
    const access = new Access(undefined);
    await writeFile(file, 'infer old\n');
    const following = (await followTokens(file, access, logger))!;
    access.require('Bearer old', ['infer']);
    await writeFile(file, 'infer');
    await writeFile(file, 'infer a b c\n');
    await pass(2200);
    access.require('Bearer old', ['infer']);
    expect(told).to.deep.equal(['tokens stay as they were']);
    await writeFile(file, 'infer new\n');
    await pass(2200);
    access.require('Bearer new', ['infer']);
    await expectFailure(
      Promise.resolve().then(() => access.require('Bearer old', ['infer'])),
      'E_SERVE_AUTH',
    );
    following.stop();
  });
});

describe('serve: configuration, statistics and the header of a sequence', () => {
  after(stopAll);

  it('config and stats are those of the protocol, counted per network', async () => {
    const { app } = await openDoubleApp();
    const inputs = [{ name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3], data: [1, 2, 3] }];
    const infer = (body: object) =>
      app.inject({ method: 'POST', url: '/v2/models/demo/infer', payload: JSON.stringify(body) });
    await infer({ inputs });
    await infer({ inputs, parameters: { level: 'jpeg=5' } });
    const { statusCode } = await infer({ inputs, parameters: { sequence_id: 'throw' } });
    const config = (await app.inject('/v2/models/demo/config')).json<{
      input: { name: string; data_type: string }[];
    }>();
    expect(config).to.deep.include({ name: 'demo', max_batch_size: 0, backend: 'gearnn' });
    expect(config.input.map(({ name, data_type }) => `${name} ${data_type}`)).to.deep.equal([
      'image TYPE_STRING',
      'pixels TYPE_UINT8',
    ]);
    const all = (await app.inject('/v2/models/stats')).json<{ model_stats: Record<string, never>[] }>();
    const one = (await app.inject('/v2/models/demo/versions/1/stats')).json<typeof all>();
    expect(one).to.deep.equal(all);
    expect(statusCode).to.equal(500);
    const { inference_stats: stats, ...counts } = one.model_stats[0] as Record<string, never>;
    expect(counts).to.deep.include({ name: 'demo', version: '1', inference_count: 2 });
    expect(stats!['success']).to.deep.include({ count: 2 });
    expect(stats!['fail']).to.deep.include({ count: 1 });
    expect(stats!['compute_infer']).to.deep.equal({ count: 2, ns: 2_000_000 });
    expect((await app.inject('/v2/models/other/stats')).statusCode).to.equal(404);
  });

  it('x-gearnn-sequence names the sequence, where the request names none', async () => {
    const { app } = await openDoubleApp();
    const inputs = [{ name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3], data: [1, 2, 3] }];
    const count = async (sequence: string, parameters?: object): Promise<[number, string]> => {
      const payload = JSON.stringify({ inputs, parameters });
      const headers = { 'x-gearnn-sequence': sequence };
      const answer = await app.inject({ method: 'POST', url: '/v2/models/demo/infer', payload, headers });
      const { outputs, parameters: said } = answer.json<{
        outputs: { data: number[] }[];
        parameters: { sequence_id: string };
      }>();
      return [outputs[0]!.data[0]!, said.sequence_id];
    };
    expect(await count('count')).to.deep.equal([1, 'count']);
    expect(await count('count')).to.deep.equal([2, 'count']);
    expect(await count('count', { sequence_start: true })).to.deep.equal([1, 'count']);
    expect(await count('count', { sequence_id: 'count:2' })).to.deep.equal([1, 'count:2']);
    const headers = { 'x-gearnn-sequence': 'x'.repeat(201) };
    const refused = await app.inject({
      method: 'POST',
      url: '/v2/models/demo/infer',
      payload: JSON.stringify({ inputs }),
      headers,
    });
    expect([refused.statusCode, refused.body.includes('x-gearnn-sequence')]).to.deep.equal([400, true]);
  });
});
