import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { axisOf } from '../../src/distort/axis.js';
import { distort, encodeDistorted, extensionOf } from '../../src/distort/distort.js';
import { parseLevel } from '../../src/distort/level.js';
import { distortions } from '../../src/distort/registry.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { resizePixels } from '../../src/image/resize.js';

/** A slope with noise on it, so that every kind has something to change. */
function picture(width: number, height: number, channels: 1 | 3): Pixels {
  const random = Random.of(4, 'picture', width, height);
  const data = Uint8Array.from(
    { length: width * height * channels },
    (_, i) => 40 + (i % 90) + Math.floor(80 * random.next()),
  );
  return { data, width, height, channels };
}

/** Of values; a smaller picture is brought to the other's size. */
function meanDifference(picture: Pixels, b: Pixels): number {
  const a = resizePixels(picture, b);
  return a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;
}

describe('distort: what every kind keeps to', () => {
  it('kinds are named once, in lower case, without the signs that levels are written with', () => {
    const kinds = distortions.map(({ kind }) => kind);
    expect(kinds).to.deep.equal([...new Set(kinds)].sort());
    for (const kind of kinds) expect(kind).to.match(/^[a-z][a-z0-9]*$/);
  });

  for (const distortion of distortions) {
    const { kind, examples, expected, parse, advice, file, sizeOf } = distortion;
    describe(kind, () => {
      const levels = examples.map((value) => parseLevel(`${kind}=${value}`));

      it('has at least two examples, each written as itself', () => {
        expect(levels.length).to.be.at.least(2);
        expect(levels.map(({ text }) => text)).to.deep.equal(examples.map((value) => `${kind}=${value}`));
        expect(levels.map(({ steps }) => steps)).to.deep.equal(examples.map((value) => [{ kind, value }]));
      });

      it('refuses what is no value, and says what to write instead', () => {
        for (const text of ['', ' ', 'x', 'NaN', 'Infinity', '-1', '1 2', '1=2', 'undefined']) {
          expect(parse(text), `"${text}"`).to.equal(undefined);
          expect(() => parseLevel(`${kind}=${text}`))
            .to.throw(`expected ${expected}, got `)
            .with.property('code', 'E_DISTORT_LEVEL');
          expect(advice(text), `"${text}"`).to.match(/^[A-Z].*\.$/);
        }
      });

      it('has a place on an axis for each example, the strongest further left than the mildest', () => {
        const { place, falling } = axisOf(distortion);
        const places = examples.map((value) => place(value)!);
        for (const at of places) expect(at).to.be.a('number');
        const [mildest, strongest] = [places[0]!, places.at(-1)!];
        expect(falling ? strongest > mildest : strongest < mildest).to.equal(true);
      });

      for (const [width, height] of [
        [32, 24],
        [1, 1],
        [17, 9],
      ] as const) {
        for (const channels of [1, 3] as const) {
          const kept = sizeOf ? 'channels' : 'size and channels';
          it(`keeps ${kept} of ${width}x${height}x${channels}, and leaves its input as it is`, async () => {
            const pixels = picture(width, height, channels);
            const before = pixels.data.slice();
            for (const [i, level] of levels.entries()) {
              const result = await distort(pixels, level);
              const size = sizeOf?.(examples[i]!, { width, height }) ?? { width, height };
              expect({ ...result, data: result.data.length }).to.deep.equal({
                ...{ ...size, channels },
                data: size.width * size.height * channels,
              });
              expect(result.data).to.be.instanceOf(Uint8Array);
              expect(result.data.buffer).not.to.equal(pixels.data.buffer);
            }
            expect(pixels.data).to.deep.equal(before);
          });
        }
      }

      it('gives the same every time, and different pictures at different values', async () => {
        const pixels = picture(32, 24, 3);
        const results = await Promise.all(levels.map((level) => distort(pixels, level)));
        const again = await Promise.all(levels.map((level) => distort(pixels, level)));
        expect(again.map(({ data }) => [...data])).to.deep.equal(results.map(({ data }) => [...data]));
        expect(new Set(results.map(({ data }) => data.join())).size).to.equal(levels.length);
      });

      it('the examples go from mild to strong', async () => {
        const pixels = picture(32, 24, 3);
        const changes = await Promise.all(
          levels.map(async (level) => meanDifference(await distort(pixels, level), pixels)),
        );
        expect(changes[0]).to.be.above(0);
        expect(changes).to.deep.equal([...changes].sort((a, b) => a - b));
      });

      it('its file decodes to the picture that it makes', async () => {
        const pixels = picture(32, 24, 3);
        for (const level of levels) {
          const decoded = await decodeImage(await encodeDistorted(pixels, level), level.text);
          expect([...decoded.data]).to.deep.equal([...(await distort(pixels, level)).data]);
          expect(extensionOf(level)).to.equal(file?.extension ?? '.png');
        }
      });

      it('can follow and precede any kind', async () => {
        const pixels = picture(32, 24, 3);
        for (const other of distortions) {
          const both = parseLevel(`${kind}=${examples[0]}+${other.kind}=${other.examples[0]}`);
          const first = await distort(pixels, parseLevel(`${kind}=${examples[0]}`));
          const expectedResult = await other.apply(first, other.examples[0]!);
          expect([...(await distort(pixels, both)).data]).to.deep.equal([...expectedResult.data]);
        }
      });
    });
  }
});
