import { fail } from '../common/errors.js';
import type { LabelMap } from '../image/pixels.js';

/** Marks an id that no class has. */
const UNKNOWN = -1;

/**
 * What becomes of each stored id 0..255.
 *
 * @param ids stored id -> class id or `ignore`; left out, ids are stored as they are
 */
export function createIdTable(classes: number, ignore: number, ids?: ReadonlyMap<number, number>): Int16Array {
  const table = new Int16Array(256).fill(UNKNOWN);
  if (ids) for (const [stored, id] of ids) table[stored] = id;
  else for (let id = 0; id < classes; id++) table[id] = id;
  if (!ids?.has(ignore)) table[ignore] = ignore;
  return table;
}

/**
 * Replaces the stored ids of a label map by class ids, in place.
 *
 * @param table from {@link createIdTable}
 * @throws E_DATA_LABEL with the first unknown id and its place
 */
export function mapIds(label: LabelMap, table: Int16Array, where: string): void {
  const { data, width } = label;
  for (let i = 0; i < data.length; i++) {
    const id = table[data[i]!]!;
    if (id === UNKNOWN) failId(data, i, width, table, where);
    data[i] = id;
  }
}

function failId(data: Uint8Array, at: number, width: number, table: Int16Array, where: string): never {
  const id = data[at]!;
  const known = Array.from(table.keys()).filter((stored) => table[stored] !== UNKNOWN);
  let count = 0;
  for (let i = at; i < data.length; i++) if (data[i] === id) count++;
  fail('E_DATA_LABEL', {
    where,
    expected: `class ids ${ranges(known)}`,
    got: `${id} at x=${at % width}, y=${Math.floor(at / width)} and ${count - 1} more`,
    todo: `Mend the label map, or use the dataset kind and class list that it was made for.${id === 255 ? ' 255 is white in a mask of black and white: store the id of the class in its place.' : ''}`,
  });
}

/** `0..10, 255` */
function ranges(ids: number[]): string {
  const parts: [number, number][] = [];
  for (const id of ids) {
    const last = parts.at(-1);
    if (last && last[1] === id - 1) last[1] = id;
    else parts.push([id, id]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}..${to}`)).join(', ');
}
