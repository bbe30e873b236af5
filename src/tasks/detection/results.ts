import { rleToText } from '../../detect/rle-text.js';
import type { Detections } from '../../detect/instances.js';

/** One detection in COCO's format of results. */
export interface CocoResult {
  image_id: number | string;
  category_id: number;
  /** x, y, width, height in pixels. */
  bbox: [x: number, y: number, width: number, height: number];
  score: number;
  segmentation?: { size: [height: number, width: number]; counts: string };
}

/**
 * What was found in a picture, in COCO's format of results, which pycocotools and `gearnn eval --predictions` read.
 *
 * @param categories id of each class's category. Default: the class's own id
 * @source https://cocodataset.org/#format-results
 */
export function cocoResults(found: Detections, image: number | string, categories?: readonly number[]): CocoResult[] {
  const { width, height, boxes, scores, classes, masks } = found;
  return Array.from(classes, (id, i) => ({
    image_id: image,
    category_id: categories?.[id] ?? id,
    bbox: [...boxes.subarray(4 * i, 4 * i + 4)] as CocoResult['bbox'],
    score: scores[i]!,
    ...(masks && { segmentation: { size: [height, width] as [number, number], counts: rleToText(masks[i]!) } }),
  }));
}

/** The id of the picture in a file: the number that COCO's files are called by, `000000000139.jpg`, or its name without the extension. */
export function imageIdOf(file: string): number | string {
  const name = file.replace(/^.*[\\/]/, '').replace(/\.[^.]+$/, '');
  return /^\d{1,15}$/.test(name) ? Number(name) : name;
}
