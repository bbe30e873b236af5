import { fail } from '../common/errors.js';

/** @throws E_SHAPE for what is no batch of images, or one whose height and width are no multiples of `stride` */
export function requireImages(shape: number[], stride: number, where: string): void {
  const [, height = 0, width = 0, channels] = shape;
  const fits = height > 0 && width > 0 && height % stride === 0 && width % stride === 0;
  if (shape.length === 4 && channels === 3 && fits) return;
  const sides = stride === 1 ? '' : `, height and width multiples of ${stride}`;
  fail('E_SHAPE', { where, expected: `images [batch, height, width, 3]${sides}`, got: `[${shape}]` });
}
