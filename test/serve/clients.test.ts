import { expect } from 'chai';
import { encodePng } from '../../src/image/encode.js';
import { withoutPaths } from '../../src/serve/http/scrub.js';
import { makeApp, type TestApp } from './support/app.js';

const INFER = '/v2/models/demo/infer';
const PIXELS = { name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3], data: [1, 2, 3] };

describe('serve: requests as clients write them', () => {
  let test: TestApp;
  let png: Uint8Array;

  before(async () => {
    test = await makeApp();
    png = await encodePng({ data: new Uint8Array(3), width: 1, height: 1, channels: 3 });
  });
  after(() => test.app.close());

  const infer = (request: object | string, headers?: Record<string, string>) =>
    test.post(INFER, typeof request === 'string' ? request : JSON.stringify(request), headers);

  it('null for an optional field is as good as none, in every object of a request', async () => {
    const none = { level: null, sequence_id: null, sequence_start: null, timeout: null, binary_data_output: null };
    const input = { ...PIXELS, parameters: { binary_data_size: null, content_type: null } };
    for (const request of [
      { id: null, parameters: null, outputs: null, inputs: [{ ...PIXELS, parameters: null }] },
      { id: null, parameters: none, inputs: [input], outputs: [{ name: 'mask', parameters: { binary_data: null } }] },
      { inputs: [PIXELS], outputs: [{ name: 'mask', parameters: null }] },
    ]) {
      const { statusCode, body } = await infer(request);
      expect(statusCode, body).to.equal(200);
      expect(JSON.parse(body)).to.not.have.property('id');
    }
    for (const body of ['null', '{"ready":null}', '{"parameters":null}', '{"parameters":{"unload_dependents":null}}'])
      expect((await test.post('/v2/repository/index', body)).statusCode, body).to.equal(200);
  });

  it('null for a required field is missing, and one among the values is no number', async () => {
    for (const field of ['name', 'datatype', 'shape', 'data'])
      expect((await infer({ inputs: [{ ...PIXELS, [field]: null }] })).statusCode, field).to.equal(400);
    expect((await infer({ inputs: [{ ...PIXELS, data: [1, null, 3] }] })).body).to.contain('got null');
  });

  it('a timeout of 0 is none', async () => {
    expect((await infer({ parameters: { timeout: 0 }, inputs: [PIXELS] })).statusCode).to.equal(200);
    expect((await infer({ parameters: { timeout: -1 }, inputs: [PIXELS] })).statusCode).to.equal(400);
  });

  it('parameters of extensions that are not served are refused by name, wherever they stand', async () => {
    const shared = { shared_memory_region: 'r', shared_memory_byte_size: 3 };
    for (const [request, place] of [
      [{ inputs: [PIXELS], outputs: [{ name: 'mask', parameters: { classification: 3 } }] }, 'classification'],
      [{ inputs: [PIXELS], outputs: [{ name: 'mask', parameters: shared }] }, 'shared_memory_region'],
      [{ inputs: [{ ...PIXELS, parameters: shared }] }, 'inputs.0.parameters.shared_memory_region'],
    ] as const) {
      const { statusCode, body } = await infer(request);
      expect(statusCode, body).to.equal(400);
      expect(body).to.contain(place).and.to.contain('E_SERVE_REQUEST');
    }
    const nothing = { classification: 0 };
    expect((await infer({ inputs: [PIXELS], outputs: [{ name: 'mask', parameters: nothing }] })).statusCode).to.equal(
      200,
    );
  });

  it('ids keep all their digits: as text and as numbers, beyond what a double holds', async () => {
    test.streams.length = 0;
    for (const id of ['9007199254740992', '9007199254740993', '18446744073709551615', '-9223372036854775808', '7']) {
      const { body } = await infer(
        `{"id":${id},"parameters":{"sequence_id": ${id} },"inputs":[${JSON.stringify(PIXELS)}]}`,
      );
      expect(body).to.contain(`"id":${id},`).and.to.contain(`"sequence_id":${id}}`);
      const text = await infer({ id, parameters: { sequence_id: id }, inputs: [PIXELS] });
      expect(text.body).to.contain(`"id":"${id}",`).and.to.contain(`"sequence_id":"${id}"}`);
    }
    expect(new Set(test.streams).size).to.equal(5);
    const rounded = await infer(`{"parameters":{"sequence_id":1.8e19},"inputs":[${JSON.stringify(PIXELS)}]}`);
    expect([rounded.statusCode, rounded.body]).to.satisfy(
      ([status, body]: [number, string]) => status === 400 && body.includes('sequence_id'),
    );
  });

  it('base64 is read with line breaks, of the URL-safe alphabet, without padding, as a data: address, and by its beginning', async () => {
    const plain = Buffer.from(png).toString('base64');
    const forms = [
      plain.replace(/.{20}/g, '$&\r\n'),
      Buffer.from(png).toString('base64url'),
      plain.replace(/=+$/, ''),
      `data:image/png;base64,${plain}`,
    ];
    const image = { name: 'image', datatype: 'BYTES', shape: [1] };
    for (const text of forms) {
      for (const parameters of [{ content_type: 'base64' }, undefined]) {
        const { statusCode, body } = await infer({ inputs: [{ ...image, parameters, data: [text] }] });
        expect(statusCode, `${text} ${body}`).to.equal(200);
      }
    }
    for (const text of [`${plain}=`, `data:image/png,${plain}`, plain.slice(0, 21), '=', 'a=b=']) {
      const wrong = await infer({ inputs: [{ ...image, parameters: { content_type: 'base64' }, data: [text] }] });
      expect(wrong.statusCode, text).to.be.within(400, 499);
    }
    expect((await test.post('/v1/segment', plain)).body).to.contain('an image in base64');
  });

  it('JSON with a byte order mark is read; bytes that are no UTF-8, NaN and deep nests are named', async () => {
    expect((await infer(`\ufeff${JSON.stringify({ inputs: [PIXELS] })}`)).statusCode).to.equal(200);
    const latin = await test.post(INFER, Buffer.from('{"id":"\xe9"}', 'latin1'));
    expect([latin.statusCode, latin.body.includes('UTF-8')]).to.deep.equal([400, true]);
    expect((await infer('{"inputs":[NaN]}')).statusCode).to.equal(400);
    for (const name of ['parameters', '__proto__'])
      expect((await infer(`${`{"${name}":`.repeat(20_000)}1${'}'.repeat(20_000)}`)).statusCode, name).to.equal(400);
  });

  it('a form is 415 with the command that works; an empty or odd type of content is no reason to refuse', async () => {
    const form = await test.post('/v1/segment', '--x\r\n', { 'content-type': 'multipart/form-data; boundary=x' });
    expect(form.statusCode).to.equal(415);
    expect(form.body).to.contain('curl --data-binary @FILE').and.to.contain('/v1/segment');
    for (const type of ['', 'jpeg', 'IMAGE/PNG; charset=utf-8', ';', 'application/json; charset'])
      expect((await test.post('/v1/segment', Buffer.from(png), { 'content-type': type })).statusCode, type).to.equal(
        200,
      );
    const changed = await test.post('/v1/segment', 'x', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(changed.body).to.contain('--data-binary');
  });

  it('an address with a slash at its end, or two in a row, is the same address', async () => {
    expect((await test.post('/v1/segment/', Buffer.from(png))).statusCode).to.equal(200);
    expect((await test.app.inject('//v2/')).statusCode).to.equal(200);
  });

  it('an address that cannot be decoded is counted like every request', async () => {
    expect((await test.app.inject('/%zz')).statusCode).to.equal(400);
    expect(await test.metrics()).to.match(/requests_total{route="other",method="GET",status="400"} 1/);
  });

  it("a message keeps the names of the server's folders and drops where they lie", () => {
    const places = [
      { folder: '/srv/g/base', name: 'base' },
      { folder: '/srv/g/base/adaptors', name: 'base/adaptors' },
    ];
    const text = (message: string): string => withoutPaths(message, places);
    expect(text('/srv/g/base/adaptors/a/x.json: expected')).to.equal('base/adaptors/a/x.json: expected');
    expect(text("of /srv/g/base, got (file:///home/u/x.so) EACCES: open '/root/y'")).to.equal(
      "of base, got (.../x.so) EACCES: open '.../y'",
    );
    expect(text('send image/png and 1/2')).to.equal('send image/png and 1/2');
  });
});
