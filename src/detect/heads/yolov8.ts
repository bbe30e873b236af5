import { Collector } from './collect.js';
import type { Head } from './head.js';

/** Numbers in front of those of classes: centre, width and height. */
const BOX = 4;

/**
 * Ultralytics' detectors from YOLOv8 on: for each of many boxes its centre, width and height in pixels of the network's input, and a probability
 * for each class.
 *
 * @source ultralytics, `utils/nms.py`, whose confidence and overlap these are
 */
export const yolov8: Head = {
  shape: '[1, 4 + classes, boxes]',
  score: 0.25,
  overlap: 0.45,
  needsSize: false,
  classesIn: ([batch, rows, boxes, ...rest]) =>
    batch === 1 && rest.length === 0 && rows! > BOX && boxes! > 0 ? rows! - BOX : undefined,
  read({ shape, data }, least) {
    const [, rows, boxes] = shape as [number, number, number];
    const found = new Collector();
    for (let i = 0; i < boxes; i++) {
      let best = BOX;
      for (let row = BOX + 1; row < rows; row++) if (data[row * boxes + i]! > data[best * boxes + i]!) best = row;
      const score = data[best * boxes + i]!;
      if (!(score >= least)) continue;
      const [x, y, width, height] = [data[i]!, data[boxes + i]!, data[2 * boxes + i]!, data[3 * boxes + i]!];
      found.add(x, y, width, height, score, best - BOX);
    }
    return found.finish();
  },
};
