import { expect } from 'chai';
import { BrightnessReference } from '../../../src/distort/detect/brightness.js';
import { StreamDetector } from '../../../src/distort/detect/stream.js';
import { brightness } from '../../../src/distort/brightness.js';
import type { Pixels } from '../../../src/image/pixels.js';
import { evidence, saved, scenes } from './support/pictures.js';

describe('distort: detect: stream', () => {
  let frames: Pixels[];
  before(async () => {
    frames = await scenes(3);
  });

  it('without reference and size only the JPEG quality is known', async () => {
    const seen = new StreamDetector().detect(await evidence(await saved(frames[0]!, { quality: 30 })));
    expect(seen).to.deep.equal({ jpeg: { value: 30, confidence: 1 } });
  });

  it('from bytes alone the quality and the size are known, not the brightness', async () => {
    const reference = new BrightnessReference();
    reference.add(frames[0]!);
    const detector = new StreamDetector({ reference, size: { width: 960, height: 720 } });
    const seen = detector.detect({ bytes: await saved(frames[0]!, { quality: 30 }) });
    expect(seen).to.deep.equal({
      jpeg: { value: 30, confidence: 1 },
      resolution: { value: '480x360', confidence: 1 },
    });
  });

  it('a reference makes brightness known from the first frame on', async () => {
    const reference = new BrightnessReference();
    reference.add(frames[0]!);
    const pixels = await brightness.apply(frames[0]!, 0.5);
    expect(new StreamDetector({ reference }).detect({ pixels })['brightness']!.value).to.be.within(0.49, 0.51);
  });

  it('the first frames calibrate, and brightness is unknown until they have', async () => {
    const detector = new StreamDetector({ calibrate: 2 });
    for (const pixels of [frames[0]!, frames[0]!])
      expect(detector.detect({ pixels })).not.to.have.property('brightness');
    const dark = await brightness.apply(frames[0]!, 0.4);
    const known = detector.detect({ pixels: dark })['brightness']!;
    expect(known.value).to.be.within(0.39, 0.41);
    // Later frames do not move the reference.
    for (let i = 0; i < 5; i++) expect(detector.detect({ pixels: dark })['brightness']).to.deep.equal(known);
  });

  it('a frame of which nothing can be read tells nothing', () => {
    expect(
      new StreamDetector({ size: { width: 2, height: 2 } }).detect({ bytes: Uint8Array.of(1, 2, 3) }),
    ).to.deep.equal({});
    expect(new StreamDetector({ calibrate: 3 }).detect({})).to.deep.equal({});
  });
});
