import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { cropImage, drawPlacement, drawPlacements, type Cropping } from '../../src/data/augment.js';
import type { LabelMap, Pixels } from '../../src/image/pixels.js';
import { resizeLabels, resizePixels } from '../../src/image/resize.js';
import type { Placement } from '../../src/tasks/placement.js';
import { placeLabel } from '../../src/tasks/segmentation/targets.js';

const [WIDTH, HEIGHT, IGNORE] = [20, 12, 255];

/** Red is the column, green the row; the label is the pixel's index. */
function sample(): { image: Pixels; label: LabelMap } {
  const label = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => i);
  const data = Uint8Array.from(label).reduce<number[]>((all, i) => [...all, i % WIDTH, Math.floor(i / WIDTH), 9], []);
  return {
    image: { data: Uint8Array.from(data), width: WIDTH, height: HEIGHT, channels: 3 },
    label: { data: label, width: WIDTH, height: HEIGHT },
  };
}

/** Crops both and returns them as rows. */
function crop(place: Omit<Placement, 'crop'>, options: Cropping): { pixels: number[][]; ids: number[] } {
  const [height, width] = options.crop;
  const { image, label } = sample();
  const placement = { ...place, crop: options.crop };
  const images = new Uint8Array(height * width * 3).fill(77);
  cropImage(image, placement, options, images, 0);
  const labels = placeLabel(label, placement, IGNORE).data;
  const pixels = Array.from(labels, (_, i) => [...images.subarray(i * 3, i * 3 + 3)]);
  return { pixels, ids: [...labels] };
}

const whole = { width: WIDTH, height: HEIGHT };

describe('data: drawPlacement', () => {
  const draws = (options: Cropping, count = 2000): Placement[] => {
    const random = new Random(5);
    return Array.from({ length: count }, () => drawPlacement(whole, options, random));
  };

  it('reaches every offset, the first and the last included, about equally often', () => {
    const offsets = draws({ crop: [10, 17] }).map(({ x, y }) => `${x},${y}`);
    const counts = new Map<string, number>();
    for (const offset of offsets) counts.set(offset, (counts.get(offset) ?? 0) + 1);
    expect([...counts.keys()].sort()).to.deep.equal(
      [0, 1, 2, 3].flatMap((x) => [0, 1, 2].map((y) => `${x},${y}`)).sort(),
    );
    // 2000 / 12 = 167 expected; five standard deviations are 62.
    for (const count of counts.values()) expect(count).to.be.within(105, 229);
  });

  it('places an image that is smaller than the crop anywhere within it', () => {
    const placements = draws({ crop: [14, 20] });
    expect(new Set(placements.map(({ x }) => x))).to.deep.equal(new Set([0]));
    expect(new Set(placements.map(({ y }) => y))).to.deep.equal(new Set([0, -1, -2]));
  });

  it('scales within the range, both sides alike, to both of its ends', () => {
    const widths = draws({ crop: [4, 4], scale: [0.5, 2] }).map(({ scaled }) => scaled);
    expect(Math.min(...widths.map(({ width }) => width))).to.equal(10);
    expect(Math.max(...widths.map(({ width }) => width))).to.equal(40);
    for (const { width, height } of widths) expect(Math.abs(width / WIDTH - height / HEIGHT)).to.be.below(0.06);
  });

  it('brings the shorter side to a size before it scales', () => {
    const [first] = draws({ crop: [6, 6], resize: 6 }, 1);
    // 20x12, of which 12 becomes 6.
    expect(first!.scaled).to.deep.equal({ width: 10, height: 6 });
    for (const { scaled } of draws({ crop: [6, 6], resize: 24, scale: [0.5, 0.5] }, 5)) {
      expect(scaled).to.deep.equal({ width: 20, height: 12 });
    }
  });

  it('flips half of the time where asked to, and otherwise never', () => {
    const share = (flip: boolean): number => draws({ crop: [4, 4], flip }).filter((one) => one.flip).length / 2000;
    expect(share(true)).to.be.within(0.45, 0.55);
    expect(share(false)).to.equal(0);
  });

  it('draws the same crop whether flips are on or off', () => {
    const places = (flip: boolean): string[] => draws({ crop: [4, 4], flip }, 20).map(({ x, y }) => `${x},${y}`);
    expect(places(true)).to.deep.equal(places(false));
  });
});

describe('data: cropImage and placeLabel', () => {
  it('cut the same pixels out of image and labels', () => {
    const { pixels, ids } = crop({ scaled: whole, x: 3, y: 2, flip: false }, { crop: [2, 3] });
    expect(ids).to.deep.equal([43, 44, 45, 63, 64, 65]);
    expect(pixels).to.deep.equal(ids.map((id) => [id % WIDTH, Math.floor(id / WIDTH), 9]));
  });

  it('mirror rows when flipped', () => {
    const { pixels, ids } = crop({ scaled: whole, x: 3, y: 2, flip: true }, { crop: [2, 3] });
    expect(ids).to.deep.equal([45, 44, 43, 65, 64, 63]);
    expect(pixels).to.deep.equal(ids.map((id) => [id % WIDTH, Math.floor(id / WIDTH), 9]));
  });

  it("fill what lies outside with ImageNet's mean and the ignored id, on every side", () => {
    const { pixels, ids } = crop({ scaled: whole, x: -1, y: -2, flip: false }, { crop: [15, 23] });
    ids.forEach((id, i) => {
      const [x, y] = [(i % 23) - 1, Math.floor(i / 23) - 2];
      const inside = x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT;
      expect(id, `${x},${y}`).to.equal(inside ? y * WIDTH + x : IGNORE);
      expect(pixels[i], `${x},${y}`).to.deep.equal(inside ? [x, y, 9] : [124, 116, 104]);
    });
  });

  it('reflect the image in its edges where asked to, back and forth, and ignore all that lies outside', () => {
    const { pixels, ids } = crop({ scaled: whole, x: -1, y: -14, flip: false }, { crop: [40, 23], border: 'mirror' });
    // The first and the last row or column are not repeated: 0 1 .. 11 10 .. 1 0 1.
    const reflected = (at: number, length: number): number => {
      const folded = Math.abs(at) % (2 * length - 2);
      return Math.min(folded, 2 * length - 2 - folded);
    };
    ids.forEach((id, i) => {
      const [x, y] = [(i % 23) - 1, Math.floor(i / 23) - 14];
      const inside = x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT;
      expect(id, `${x},${y}`).to.equal(inside ? y * WIDTH + x : IGNORE);
      expect(pixels[i], `${x},${y}`).to.deep.equal([reflected(x, WIDTH), reflected(y, HEIGHT), 9]);
    });
  });

  it('fill with the colour that is asked for', () => {
    const { pixels } = crop({ scaled: whole, x: 0, y: -1, flip: false }, { crop: [13, 20], fill: [1, 2, 3] });
    expect(pixels[0]).to.deep.equal([1, 2, 3]);
  });

  it('give the part of the image that resizing as a whole gives there', () => {
    const scaled = { width: 27, height: 16 };
    const { pixels, ids } = crop({ scaled, x: 5, y: 4, flip: false }, { crop: [6, 7] });
    const { image, label } = sample();
    const [wholeImage, wholeLabel] = [resizePixels(image, scaled), resizeLabels(label, scaled)];
    ids.forEach((id, i) => {
      const at = (4 + Math.floor(i / 7)) * 27 + 5 + (i % 7);
      expect(id).to.equal(wholeLabel.data[at]);
      expect(pixels[i]).to.deep.equal([...wholeImage.data.subarray(at * 3, at * 3 + 3)]);
    });
  });

  it('of an image leave what lies beside them, and of labels have the ignored id outside', () => {
    const { image, label } = sample();
    const images = new Uint8Array(3 * 12).fill(77);
    const placement: Placement = { scaled: whole, x: -1, y: 0, flip: true, crop: [2, 2] };
    cropImage(image, placement, {}, images, 12);
    expect([...images.subarray(0, 12), ...images.subarray(24)].every((value) => value === 77)).to.equal(true);
    expect([...placeLabel(label, placement, IGNORE).data]).to.deep.equal([0, 255, 20, 255]);
  });
});

describe('data: whole images', () => {
  const SIDES = { shortest: 320, longest: 480 };
  const sizes = (...texts: string[]) => texts.map((text) => ({ width: Number(text.split('x')[0]), height: Number(text.split('x')[1]) })); // prettier-ignore
  const placed = (images: ReturnType<typeof sizes>, seed: number, options = {}) =>
    drawPlacements(images, { crop: SIDES, flip: true, ...options }, images.map((_, i) => new Random(seed + i))); // prettier-ignore

  it('are brought to the sides of the network, the longer one too, and padded to one of three sizes', () => {
    const lying = placed(sizes('480x333', '1000x400'), 1);
    // 480 x 320/333 and, by the longer side, 400 x 480/1000.
    expect(lying.map(({ scaled }) => scaled)).to.deep.equal(sizes('461x320', '480x192'));
    for (const { crop } of lying) expect(crop).to.deep.equal([320, 480]);
    for (const { crop } of placed(sizes('333x480', '333x400'), 1)) expect(crop).to.deep.equal([480, 320]);
    for (const { crop } of placed(sizes('333x480', '480x333'), 1)) expect(crop).to.deep.equal([480, 480]);
    const larger = placed(sizes('480x333'), 1, { scale: [1.1, 1.25] });
    expect(larger[0]!.crop).to.deep.equal([416, 608]); // 400 and 600, up to multiples of 32
    expect(larger[0]!.scaled.width).to.be.within(507, 577);
  });

  it('lie at the left and at the top of the batch with all their pixels, mirrored or not', () => {
    const image: Pixels = { width: 6, height: 4, channels: 3, data: Uint8Array.from({ length: 72 }, (_, i) => 100 + Math.floor(i / 3) % 6) }; // prettier-ignore
    const rows = new Map<boolean, number[]>();
    for (let seed = 0; rows.size < 2; seed++) {
      const options = { crop: { shortest: 4, longest: 6 }, flip: true, fill: [1, 2, 3] as [number, number, number] };
      const [placement] = drawPlacements([image], options, [new Random(seed)]);
      const out = new Uint8Array(32 * 32 * 3);
      cropImage(image, placement!, options, out, 0);
      rows.set(
        placement!.flip,
        [0, 1, 2, 3, 4, 5, 6, 31].map((x) => out[3 * x]!),
      );
      expect([...out.subarray(4 * 32 * 3, 4 * 32 * 3 + 3)], 'below').to.deep.equal([1, 2, 3]);
    }
    expect(rows.get(false)).to.deep.equal([100, 101, 102, 103, 104, 105, 1, 1]);
    expect(rows.get(true)).to.deep.equal([105, 104, 103, 102, 101, 100, 1, 1]);
  });
});
