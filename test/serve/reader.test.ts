import { expect } from 'chai';
import { RequestReader } from '../../src/serve/protocol/reader.js';
import type { Pixels } from '../../src/image/pixels.js';
import { expectFailure } from '../support/failure.js';

const [HEIGHT, WIDTH] = [300, 400];
const COUNT = HEIGHT * WIDTH * 3;

/** A request of pixels as JSON, each of one value. */
function json(value: number): Buffer {
  const data = Array<number>(COUNT).fill(value);
  return Buffer.from(
    JSON.stringify({ inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, HEIGHT, WIDTH, 3], data }] }),
  );
}

/** A request of FP32 pixels as binary data, and the length of its JSON. */
function floats(value: number): [body: Buffer, headerLength: string] {
  const data = new Float32Array(COUNT).fill(value);
  const parameters = { binary_data_size: data.byteLength };
  const input = { name: 'pixels', datatype: 'FP32', shape: [1, HEIGHT, WIDTH, 3], parameters };
  const head = Buffer.from(JSON.stringify({ inputs: [input] }));
  return [Buffer.concat([head, Buffer.from(data.buffer)]), String(head.length)];
}

describe('serve: reading large requests', () => {
  let reader: RequestReader;

  before(() => {
    reader = new RequestReader({ pixels: 2 ** 20, queue: 2 });
  });
  after(() => reader.close());

  const LARGE: [title: string, request: [body: Buffer, headerLength: string | undefined]][] = [
    ['JSON', [json(7), undefined]],
    ['floats', floats(7)],
  ];
  for (const [title, request] of LARGE) {
    it(`${title}: others get their turn meanwhile, and every pixel is right`, async () => {
      let turns = 0;
      const state = { done: false };
      const reading = reader.read(...request).finally(() => (state.done = true));
      while (!state.done) {
        await new Promise((resolve) => setImmediate(resolve));
        turns += 1;
      }
      // Read in this thread, it would be done before the first.
      expect(turns).to.be.above(1);
      const { frame, width, height } = await reading;
      expect({ width, height }).to.deep.equal({ width: WIDTH, height: HEIGHT });
      const { data } = frame as Pixels;
      expect(data).to.have.length(COUNT);
      expect(data.every((value) => value === 7)).to.equal(true);
    });
  }

  it('what is wrong is said as in a small request', async () => {
    await expectFailure(reader.read(json(256), undefined), 'E_SERVE_REQUEST', 'inputs.0.data', '256 at 0');
    await expectFailure(reader.read(...floats(-1)), 'E_SERVE_REQUEST', 'pixels', '-1 at 0');
    await expectFailure(reader.read(Buffer.alloc(100_000, '['), undefined), 'E_SERVE_REQUEST', 'JSON');
  });

  it('more than may wait are refused, and those that wait are read', async () => {
    const first = [reader.read(json(1), undefined), reader.read(json(2), undefined)];
    await expectFailure(reader.read(json(3), undefined), 'E_SERVE_BUSY');
    for (const [i, { frame }] of (await Promise.all(first)).entries())
      expect((frame as Pixels).data[0]).to.equal(i + 1);
  });
});
