import type { Random } from '../../../src/common/random.js';
import { jpegHeader, pngHeader, webpHeader } from './image-headers.js';
import { call, type Malformed, post, raw } from './malformed-request.js';

type Maker = (random: Random) => Malformed;

const INFER = '/v2/models/demo/infer';
const LENGTH = 'Inference-Header-Content-Length';

/** One malformed request; which, the generator decides. */
export function malformed(random: Random): Malformed {
  return pick(random, MAKERS)(random);
}

const MAKERS: readonly Maker[] = [
  function truncatedJson(random) {
    const json = JSON.stringify(request());
    return post('JSON cut off', INFER, json.slice(0, random.integer(json.length)));
  },
  function wrongField(random) {
    const value = pick(random, [null, true, -1, 1.5, '', {}, [[]], ['x'], [{}], 'A'.repeat(random.integer(5000))]);
    const field = pick(random, ['name', 'datatype', 'shape', 'data']);
    return post(`${JSON.stringify(value)} as ${field}`, INFER, JSON.stringify(request({ [field]: value })));
  },
  function wrongTop(random) {
    const value = pick(random, [null, true, 7, 'x', [], {}, { inputs: {} }, { inputs: [null] }, { inputs: [[]] }]);
    return post(`${JSON.stringify(value)} as request`, INFER, JSON.stringify(value));
  },
  function wrongParameter(random) {
    const [name, value] = pick<[string, unknown]>(random, [
      ['level', 10],
      ['level', 'jpeg=101'],
      ['level', 'jpeg'],
      ['level', `sepia=${random.integer(9)}`],
      ['level', '+'],
      ['sequence_id', []],
      ['sequence_start', 'yes'],
      ['timeout', -1],
      ['timeout', 'soon'],
      ['binary_data_output', 1],
    ]);
    return post(`${name}: ${String(value)}`, INFER, JSON.stringify({ ...request(), parameters: { [name]: value } }));
  },
  function deepJson(random) {
    const depth = 10_000 + random.integer(90_000);
    return post('deep JSON', INFER, `{"inputs":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  },
  function deepData(random) {
    const depth = 5 + random.integer(3000);
    const data = JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`) as unknown;
    return post('deep data', INFER, JSON.stringify(request({ data })));
  },
  function wrongCount(random) {
    const count = pick(random, [0, 1, 11, 13, 5000]);
    return post(`${count} values of 12`, INFER, JSON.stringify(request({ data: Array<number>(count).fill(1) })));
  },
  function wrongValue(random) {
    const data: unknown[] = Array<number>(12).fill(1);
    data[random.integer(12)] = pick<unknown>(random, [256, -1, 0.5, '1', null, true, {}, 1e308]);
    return post('a value that is no byte', INFER, JSON.stringify(request({ data })));
  },
  function headerLength(random) {
    const text = pick(random, [
      '-1',
      '1e3',
      'x',
      '0x10',
      '99999999999999999999',
      String(random.integer(80)),
      ' ',
      '1 2',
    ]);
    return post(`a JSON length of "${text}"`, INFER, JSON.stringify(request()), { [LENGTH]: text });
  },
  function binarySize(random) {
    const size = pick<unknown>(random, [-1, 0, 11, 13, 2 ** 31, 2 ** 53, '12', null, 1.5, [], 1e300]);
    return binary(`binary_data_size ${String(size)}`, size, randomBytes(random, 12));
  },
  function binaryTruncated(random) {
    return binary('binary data cut off', 12, randomBytes(random, random.integer(12)));
  },
  function elementLength(random) {
    const bytes = Buffer.concat([Buffer.alloc(4), jpegHeader(8, 8)]);
    bytes.writeUInt32LE(pick(random, [0, 1, bytes.length, 0xffffffff, random.integer(2 ** 31)]));
    return binary('a wrong length before the element', bytes.length, bytes, 'BYTES');
  },
  function bomb(random) {
    const side = 5000 + random.integer(60_000);
    const image = pick(random, [jpegHeader, pngHeader, webpHeader])(side, 60_000);
    return post('a decompression bomb', '/v1/segment', image);
  },
  function bombPixels(random) {
    const shape = pick(random, [
      [1, 60_000, 60_000, 3],
      [1, 2 ** 31, 2 ** 31, 3],
      [1, 0, 5, 3],
      [2, 2, 2, 3],
      [1, 4, 3],
      [1, 2, 2, 1],
    ]);
    return post(`shape ${shape.join('x')}`, INFER, JSON.stringify(request({ shape })));
  },
  function noImage(random) {
    return post('bytes that are no image', '/v1/segment', Buffer.concat([Buffer.from([0]), randomBytes(random, 300)]));
  },
  function headerCut(random) {
    const image = pick(random, [jpegHeader, pngHeader, webpHeader])(8, 8);
    return post('an image cut off in its header', '/v1/segment', image.subarray(0, random.integer(10)));
  },
  function wrongQuery(random) {
    const query = pick(random, [
      'level=jpeg',
      'level=a&level=b',
      'x=1',
      'level=%00',
      'sequence_id=',
      'level=jpeg=0',
      'model=x',
    ]);
    return post(`?${query}`, `/v1/segment?${query}`, jpegHeader(8, 8));
  },
  function wrongAddress(random) {
    const paths = [
      '/v2/models/x/infer',
      '/v2/models/%00/infer',
      '/v2/models/..%2f..%2f/infer',
      '/v2/models/demo/versions/9/infer',
    ];
    const path = pick(random, [...paths, `/${hex(random, 20)}`, `/v2/models/${hex(random, 600)}`, '/%']);
    return post(path, path, JSON.stringify(request()));
  },
  function wrongMethod(random) {
    const method = pick(random, ['PUT', 'DELETE', 'PATCH', 'OPTIONS']);
    return {
      title: method,
      send: (url) => call(url + INFER, { method, body: method === 'OPTIONS' ? undefined : 'x' }),
    };
  },
  function compressed(random) {
    const encoding = pick(random, ['gzip', 'deflate', 'br', 'zstd', 'x']);
    return post(`damaged ${encoding}`, INFER, randomBytes(random, 100), { 'content-encoding': encoding });
  },
  function repository(random) {
    const action = pick(random, ['load', 'unload']);
    const name = pick(random, ['nothing', 'demo:', 'demo:jpeg=3', ':', '%2e%2e', 'demo%2f..', '%00']);
    return post(`${action} ${name}`, `/v2/repository/models/${name}/${action}`, pick(random, ['', '{}', '{', '[]']));
  },
  function deadline(random) {
    const text = pick(random, ['0', '-5', 'x', '1.5', '1e9', ' ']);
    return post(`a deadline of "${text}"`, INFER, JSON.stringify(request()), {
      'x-gearnn-deadline-ms': text === ' ' ? 'a' : text,
    });
  },
  function garbage(random) {
    return raw(
      'bytes that are no HTTP',
      Buffer.concat([Buffer.from([1]), randomBytes(random, 200), Buffer.from('\r\n\r\n')]),
    );
  },
  function wrongHttp(random) {
    const text = pick(random, [
      'GET / HTTP/9.9\r\n\r\n',
      'GET /v2 HTTP/1.1\r\n\r\n',
      'POST /v1/segment HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc',
      'POST /v1/segment HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc',
      'POST /v1/segment HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
      'POST /v1/segment HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc',
      `GET /v2 HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
      'GET /v2 HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n',
      'GET /v2 HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n',
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    ]);
    return raw(text.slice(0, 60), Buffer.from(text));
  },
];

/** A right request, 2 x 2 pixels, but for the fields of its input that are given. */
function request(input: object = {}): object {
  const data = Array<number>(12).fill(1);
  return { inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, 2, 2, 3], data, ...input }] };
}

function binary(title: string, size: unknown, bytes: Buffer, datatype = 'UINT8'): Malformed {
  const input =
    datatype === 'BYTES' ? { name: 'image', datatype, shape: [1] } : { name: 'pixels', datatype, shape: [1, 2, 2, 3] };
  const json = Buffer.from(JSON.stringify({ inputs: [{ ...input, parameters: { binary_data_size: size } }] }));
  return post(title, INFER, Buffer.concat([json, bytes]), { [LENGTH]: String(json.length) });
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(256)));
}

function hex(random: Random, length: number): string {
  return Array.from({ length }, () => random.integer(16).toString(16)).join('');
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.integer(values.length)]!;
}
