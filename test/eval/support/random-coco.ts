import { Random } from '../../../src/common/random.js';
import { encodeMask } from '../../../src/detect/rle.js';
import { rleToText } from '../../../src/detect/rle-text.js';

type Box = [x: number, y: number, width: number, height: number];

/** What a set has more of than usual. */
export const FLAVOURS = ['plain', 'crowded', 'empty', 'tied', 'degenerate', 'masks alone', 'many', 'strings'] as const;

export interface RandomSet {
  truth: Record<string, unknown>;
  results: Record<string, unknown>[];
}

/** A made-up ground truth in COCO's format and results of a middling detector, full of what makes scores differ between programs. */
export function randomSet(seed: number, flavour: (typeof FLAVOURS)[number]): RandomSet {
  const random = Random.of(seed, 'coco');
  const [width, height] = [160, 128];
  const categories = [1, 3, 4, 90].map((id) => ({ id, name: `category ${id}` }));
  const images = Array.from({ length: flavour === 'empty' ? 4 : 7 }, (_, i) => {
    const id = 5 + 3 * ((i * 5) % 7);
    return { id: flavour === 'strings' ? `image ${id}` : id, file_name: `${id}.png`, width, height };
  });
  const annotations: Record<string, unknown>[] = [];
  const results: Record<string, unknown>[] = [];
  const side = (): number => 3 + Math.floor(random.next() ** 2 * 140);
  const place = (): Box => {
    const isWhole = random.next() < 0.5;
    const number = (value: number): number => (isWhole ? Math.floor(value) : value);
    return [number(random.next() * 140), number(random.next() * 110), number(side()), number(side())];
  };
  const kindOf = (): number => categories[random.integer(random.next() < 0.1 ? 4 : 3)]!.id;
  const score = (): number => {
    const value = random.next();
    return flavour === 'tied' ? Math.ceil(value * 4) / 4 : value;
  };
  const add = (image: unknown, category: number, bbox: Box, random_: number): void => {
    const mask = rleOf(bbox, random_ * 7, width, height);
    const own = flavour === 'masks alone' ? {} : { bbox };
    results.push({ image_id: image, category_id: category, score: score(), ...own, segmentation: mask });
  };
  for (const { id: image } of images) {
    const count = flavour === 'empty' ? random.integer(2) : 1 + random.integer(flavour === 'many' ? 40 : 6);
    for (let i = 0; i < count; i++) {
      const isFlat = flavour === 'degenerate' && random.next() < 0.3;
      const [x, y, wide, tall] = place();
      const bbox: Box = isFlat ? [x, y, random.next() < 0.5 ? 0 : wide, 0] : [x, y, wide, tall];
      const isCrowd = random.next() < (flavour === 'crowded' ? 0.4 : 0.08);
      const category = kindOf();
      const outline = [x, y, x + wide, y, x + wide * 0.9, y + tall, x, y + tall * 0.8];
      const mask = isCrowd
        ? countsOf(bbox, width, height)
        : [outline, ...(i % 3 === 0 ? [[x, y, x + 9, y, x, y + 9]] : [])];
      annotations.push({
        // Some have the id 0, which pycocotools takes for none.
        id: annotations.length + (flavour === 'plain' ? 0 : 1),
        ...{ image_id: image, category_id: category, bbox, segmentation: mask },
        iscrowd: isCrowd ? 1 : 0,
        area: random.next() < 0.2 ? 1024 : wide * tall * 0.7,
      });
      const found = flavour === 'many' ? 4 : random.integer(4);
      for (let d = 0; d < found; d++) {
        const off = (): number => Math.round((random.next() - 0.5) * (d === 0 ? 3 : 24));
        const moved: Box = random.next() < 0.15 ? bbox : [x + off(), y + off(), Math.max(1, wide + off()), Math.max(1, tall + off())]; // prettier-ignore
        add(image, random.next() < 0.9 ? category : kindOf(), moved, random.next());
      }
    }
    for (let d = random.integer(4); d > 0; d--) add(image, kindOf(), place(), random.next());
  }
  if (results.length === 0) add(images[0]!.id, 1, place(), 0);
  return { truth: { images, annotations, categories }, results };
}

/** A box with a corner cut off, as a mask. */
function maskOf([x, y, wide, tall]: Box, cut: number, width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [column, row] = [(i % width) - x, Math.floor(i / width) - y];
    return Number(column >= 0 && row >= 0 && column < wide && row < tall && column + row >= cut);
  });
}

function rleOf(box: Box, cut: number, width: number, height: number): unknown {
  return { size: [height, width], counts: rleToText(encodeMask(maskOf(box, cut, width, height), { width, height })) };
}

function countsOf(box: Box, width: number, height: number): unknown {
  return { size: [height, width], counts: [...encodeMask(maskOf(box, 0, width, height), { width, height }).counts] };
}
