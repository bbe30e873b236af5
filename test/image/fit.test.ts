import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { Random } from '../../src/common/random.js';
import { fitPixels } from '../../src/image/fit.js';
import { requireTool } from '../support/tools.js';

/** What torchvision's Resize and CenterCrop do with an image of Pillow: `_compute_resized_output_size` and `center_crop` in its own terms. */
const PROGRAM = `
import base64, json, sys
from PIL import Image
for case in json.load(sys.stdin):
    width, height = case['size']; resize, crop = case['fit']
    image = Image.frombytes('RGB', (width, height), base64.b64decode(case['pixels']))
    short, long = (width, height) if width <= height else (height, width)
    new_long = int(resize * long / short)
    new = (resize, new_long) if width <= height else (new_long, resize)
    if (width, height) != new: image = image.resize(new, Image.BILINEAR)
    left, top = int(round((new[0] - crop) / 2.0)), int(round((new[1] - crop) / 2.0))
    print(base64.b64encode(image.crop((left, top, left + crop, top + crop)).tobytes()).decode())
`;

/** Width and height, then resize and crop: larger and smaller, upright and lying, with room to the sides of 0 to 3 in four. */
const CASES = [
  ...[[53, 37, 32, 28], [37, 53, 32, 27], [41, 64, 32, 32], [20, 20, 32, 28], [17, 90, 12, 5], [32, 40, 32, 29]],
  ...[[64, 64, 64, 61], [99, 33, 40, 40], [500, 375, 256, 224]],
] as const; // prettier-ignore

describe('image: fitPixels', () => {
  it("is torchvision's Resize and CenterCrop of an image of Pillow, to the bit", function () {
    const python = requireTool(this, 'Pillow');
    const random = new Random(3);
    const cases = CASES.map(([width, height, resize, crop]) => ({
      size: [width, height],
      fit: [resize, crop],
      pixels: Buffer.from(Array.from({ length: width * height * 3 }, () => random.integer(256))),
    }));
    const input = JSON.stringify(cases.map((one) => ({ ...one, pixels: one.pixels.toString('base64') })));
    const lines = execFileSync(python, ['-c', PROGRAM], { input, encoding: 'utf8' }).trim().split('\n');
    cases.forEach(({ size: [width, height], fit: [resize, crop], pixels }, i) => {
      const fitted = fitPixels(
        { data: pixels, width: width!, height: height!, channels: 3 },
        { resize: resize!, crop: crop! },
      );
      expect([fitted.width, fitted.height]).to.deep.equal([crop, crop]);
      expect(Buffer.from(fitted.data).toString('base64'), `${width}x${height}`).to.equal(lines[i]);
    });
  });
});
