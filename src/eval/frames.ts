import { fitPixels } from '../image/fit.js';
import type { InputSpec } from '../models/network.js';

/** Frames as bytes, `[batch, height, width, 3]`, 0..255. */
export interface Frames {
  images: Uint8Array;
  batch: number;
  height: number;
  width: number;
}

/** Frames at the size that a network takes; the same ones where it takes any. */
export function fitFrames(frames: Frames, { preprocessing: { fit } }: Pick<InputSpec, 'preprocessing'>): Frames {
  if (!fit) return frames;
  const { images, batch, width, height } = frames;
  const [area, fitted] = [height * width * 3, fit.crop ** 2 * 3];
  const all = new Uint8Array(batch * fitted);
  for (let i = 0; i < batch; i++) {
    const data = images.subarray(i * area, (i + 1) * area);
    all.set(fitPixels({ data, width, height, channels: 3 }, fit).data, i * fitted);
  }
  return { images: all, batch, width: fit.crop, height: fit.crop };
}
