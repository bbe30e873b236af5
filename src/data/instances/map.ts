import type { Instances } from '../../detect/instances.js';
import { encodeMask, rleArea, rleBox } from '../../detect/rle.js';
import type { InstanceMap } from '../../image/pixels.js';

/**
 * The objects of a map with an id per object, in the order of their ids; 0 is none.
 *
 * @param classOf class of an object by a pixel of it; an object without a class is left out
 */
export function instancesOfMap(map: InstanceMap, classOf: (pixel: number) => number | undefined): Instances {
  const { data, width, height } = map;
  const first = new Map<number, number>();
  data.forEach((id, pixel) => {
    if (id !== 0 && !first.has(id)) first.set(id, pixel);
  });
  const found = [...first].sort(([a], [b]) => a - b).flatMap(([id, pixel]) => {
    const own = classOf(pixel);
    return own === undefined ? [] : [{ id, own }];
  }); // prettier-ignore
  const masks = found.map(({ id }) => {
    return encodeMask(
      data.map((value) => (value === id ? 1 : 0)),
      { width, height },
    );
  });
  return {
    width,
    height,
    boxes: Float64Array.from(masks.flatMap(rleBox)),
    classes: Int32Array.from(found, ({ own }) => own),
    crowd: new Uint8Array(found.length),
    areas: Float64Array.from(masks, rleArea),
    ids: Float64Array.from(found, (_, i) => i + 1),
    masks,
  };
}
