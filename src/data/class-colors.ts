import type { ClassInfo } from './dataset.js';

/** Classes of the given names, each with a colour of its own that depends on its id alone. */
export function colorClasses(names: readonly string[]): ClassInfo[] {
  return names.map((name, id) => ({ name, color: colorOf(id) }));
}

/**
 * Colour of a class id, 0..65534: the bits of the id, spread over the high bits of red, green and blue.
 *
 * @source the colour map of the PASCAL VOC development kit, VOClabelcolormap, from its second entry on (the first is black)
 */
function colorOf(id: number): [number, number, number] {
  const color: [number, number, number] = [0, 0, 0];
  for (let rest = id + 1, bit = 7; rest > 0; rest >>= 3, bit--) {
    color.forEach((_, channel) => (color[channel]! |= ((rest >> channel) & 1) << bit));
  }
  return color;
}
