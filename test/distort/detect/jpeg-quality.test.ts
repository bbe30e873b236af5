import { expect } from 'chai';
import jpegJs from 'jpeg-js';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { detectJpeg } from '../../../src/distort/detect/jpeg.js';
import type { Pixels } from '../../../src/image/pixels.js';
import { ijgTables, quantizationTables } from '../../support/jpeg-tables.js';
import { requireTool } from '../../support/tools.js';
import { saved } from './support/pictures.js';

const QUALITIES = Array.from({ length: 100 }, (_, i) => i + 1);
const picture: Pixels = {
  data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 37) % 251),
  width: 32,
  height: 32,
  channels: 3,
};

/** What is read from the headers of each file. */
function qualities(files: Uint8Array[]): number[] {
  return files.map((bytes) => {
    const { quality, confidence, from } = detectJpeg({ bytes })!;
    expect([confidence, from], `quality ${quality}`).to.deep.equal([1, 'tables']);
    return quality;
  });
}

describe('distort: detect: JPEG quality', () => {
  it('sharp: all 100 exactly, with confidence 1', async () => {
    expect(qualities(await Promise.all(QUALITIES.map((quality) => saved(picture, { quality }))))).to.deep.equal(
      QUALITIES,
    );
  });

  it('sharp, one gray plane: all 100 exactly', async () => {
    const gray: Pixels = { data: picture.data.subarray(0, 32 * 32), width: 32, height: 32, channels: 1 };
    expect(qualities(await Promise.all(QUALITIES.map((quality) => saved(gray, { quality }))))).to.deep.equal(QUALITIES);
  });

  it('jpeg-js: all 100 exactly', () => {
    const data = Buffer.from(Array.from({ length: 32 * 32 * 4 }, (_, i) => (i * 37) % 251));
    const files = QUALITIES.map((quality) => jpegJs.encode({ data, width: 32, height: 32 }, quality).data);
    expect(qualities(files)).to.deep.equal(QUALITIES);
  });

  it('Pillow: all 100 exactly', function () {
    const python = requireTool(this, 'Pillow');
    const program = [
      'import base64, io, json; from PIL import Image',
      'image = Image.effect_noise((32, 32), 60).convert("RGB")',
      'def saved(q):',
      '    out = io.BytesIO(); image.save(out, "JPEG", quality=q); return base64.b64encode(out.getvalue()).decode()',
      'print(json.dumps([saved(q) for q in range(1, 101)]))',
    ].join('\n');
    const files = JSON.parse(execFileSync(python, ['-c', program], { encoding: 'utf8' })) as string[];
    expect(qualities(files.map((text) => Buffer.from(text, 'base64')))).to.deep.equal(QUALITIES);
  });

  it('mozjpeg: never sure, never falling as its quality rises, and never above it', async () => {
    let last = 0;
    for (const quality of QUALITIES) {
      const found = detectJpeg({ bytes: await saved(picture, { quality, mozjpeg: true }) })!;
      // At both ends its tables are all 255 or all 1, as the IJG's are.
      if (quality > 3 && quality < 100) expect(found.confidence, `quality ${quality}`).to.be.within(0.05, 0.5);
      expect(found.quality).to.be.within(last, quality);
      last = found.quality;
    }
    expect(last).to.equal(100);
  });

  for (const quantizer of [2, 8, 31]) {
    it(`ffmpeg -q:v ${quantizer}: the quality with the least squared logarithms of ratios, never sure`, () => {
      const bytes = readFileSync(new URL(`../../fixtures/detect/ffmpeg-${quantizer}.jpg`, import.meta.url));
      const [steps] = quantizationTables(bytes);
      const error = (quality: number): number =>
        ijgTables(quality)[0].reduce((sum, step, i) => sum + Math.log(step / steps[i]!) ** 2, 0);
      const { quality, confidence } = detectJpeg({ bytes })!;
      expect(quality).to.equal([...QUALITIES].sort((a, b) => error(a) - error(b))[0]);
      expect(confidence).to.be.within(0.05, 0.5);
    });
  }

  it('luminance of one quality and chrominance of another: that of the luminance, less sure', () => {
    const bytes = readFileSync(new URL('../../fixtures/detect/cjpeg-80-chrominance-30.jpg', import.meta.url));
    expect(detectJpeg({ bytes })).to.deep.equal({ quality: 80, confidence: 0.8, from: 'tables' });
  });
});
