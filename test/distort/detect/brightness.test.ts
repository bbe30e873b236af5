import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { brightness } from '../../../src/distort/brightness.js';
import { BrightnessReference } from '../../../src/distort/detect/brightness.js';
import { jpeg } from '../../../src/distort/jpeg.js';
import { decodeImage } from '../../../src/image/decode.js';
import { encodePng } from '../../../src/image/encode.js';
import type { Pixels } from '../../../src/image/pixels.js';
import { requireTool } from '../../support/tools.js';
import { scenes } from './support/pictures.js';

describe('distort: detect: brightness', () => {
  let frames: Pixels[];
  let reference: BrightnessReference;
  before(async () => {
    frames = await scenes(4);
    reference = new BrightnessReference();
    reference.add(frames[0]!);
  });

  for (const factor of [0, 0.05, 0.1, 0.3, 0.5, 0.8, 1, 1.2, 1.5, 2, 3, 5]) {
    it(`${factor} of the reference itself is read to 2%, however much is clipped`, async () => {
      const { factor: found, confidence } = reference.detect(await brightness.apply(frames[0]!, factor))!;
      expect(found).to.be.within(factor * 0.98, factor * 1.02);
      expect(confidence).to.be.within(0.9, 1);
    });
  }

  it('twice as bright is read although a mean would say less', async () => {
    const bright = await brightness.apply(frames[0]!, 2.5);
    const mean = ({ data }: Pixels): number => data.reduce((sum, value) => sum + value, 0) / data.length;
    expect(mean(bright) / mean(frames[0]!)).to.be.below(2.2);
    expect(reference.detect(bright)!.factor).to.be.within(2.45, 2.55);
  });

  for (const factor of [0.3, 0.5, 2]) {
    it(`${factor}, then JPEG 10: is read to 5%`, async () => {
      const frame = await jpeg.apply(await brightness.apply(frames[0]!, factor), 10);
      expect(reference.detect(frame)!.factor).to.be.within(factor * 0.95, factor * 1.05);
    });
  }

  it('a fifth of the frame covered by something black changes the factor by less than a tenth', async () => {
    const { width, height, data } = await brightness.apply(frames[0]!, 0.5);
    const covered = data.slice();
    for (let y = 0; y < height; y++) covered.fill(0, y * width * 3, (y * width + width / 5) * 3);
    expect(reference.detect({ width, height, channels: 3, data: covered })!.factor).to.be.within(0.45, 0.55);
  });

  it("Pillow's ImageEnhance.Brightness at 0.4 reads 0.4", async function () {
    const python = requireTool(this, 'Pillow');
    const program = [
      'import io, sys; from PIL import Image, ImageEnhance',
      'image = Image.open(io.BytesIO(sys.stdin.buffer.read()))',
      'ImageEnhance.Brightness(image).enhance(0.4).save(sys.stdout.buffer, "PNG")',
    ].join('\n');
    const input = await encodePng(frames[0]!);
    const dark = execFileSync(python, ['-c', program], { input, maxBuffer: 2 ** 24 });
    expect(reference.detect(await decodeImage(dark, 'Pillow'))!.factor).to.be.within(0.39, 0.41);
  });

  it('is unknown without a reference', () => {
    expect(new BrightnessReference().detect(frames[0]!)).to.equal(undefined);
  });

  it('is unknown against a black reference, and for a white frame, which any large factor gives', () => {
    const flat = (value: number): Pixels => ({
      data: new Uint8Array(300).fill(value),
      width: 10,
      height: 10,
      channels: 3,
    });
    const black = new BrightnessReference();
    black.add(flat(0));
    expect(black.detect(frames[0]!)).to.equal(undefined);
    expect(reference.detect(flat(255))).to.equal(undefined);
  });

  it('a reference of several frames weighs each the same, whatever its size', () => {
    const image = (side: number, value: number): Pixels => ({
      data: new Uint8Array(side * side).fill(value),
      width: side,
      height: side,
      channels: 1,
    });
    const both = new BrightnessReference();
    both.add(image(100, 40));
    both.add(image(10, 80));
    const halves: Pixels = { data: Uint8Array.from([20, 40]), width: 2, height: 1, channels: 1 };
    expect(both.count).to.equal(2);
    const { factor, confidence } = both.detect(halves)!;
    expect(factor).to.be.within(0.5, 0.51);
    expect(confidence).to.equal(1);
  });

  it('a frame of another scene is less sure than one of the same', async () => {
    const same = reference.detect(frames[0]!)!;
    const other: Pixels = { ...frames[0]!, data: frames[0]!.data.map((_, i) => (i % 2 ? 250 : 5)) };
    expect(reference.detect(other)!.confidence).to.be.below(same.confidence / 2);
  });
});
