import { join } from 'node:path';
import { BANDS } from '../frequency/bands.js';
import type { FrequencyRow, Results } from './schema.js';
import { readFile } from '../common/read-file.js';

/** A method's own response, its difference from the original's, and their quotient. */
export const MAP_KINDS = ['response', 'difference', 'ratio'] as const;
export type MapKind = (typeof MAP_KINDS)[number];

/** Where a map lies beside the results, without its ending: `frequency/clean/jpeg=10/adaptor-difference`. */
export function mapFile(row: Pick<FrequencyRow, 'input' | 'level' | 'method'>, kind: MapKind): string {
  const { input, level, method } = row;
  return `frequency/${input}/${level}/${method}${kind === 'response' ? '' : `-${kind}`}`;
}

/** PNG files by their path beside the results. */
export type Pictures = ReadonlyMap<string, Uint8Array>;

/** The pictures of responses that lie beside results; those that are not there are left out. */
export async function readPictures(folder: string, { frequency }: Pick<Results, 'frequency'>): Promise<Pictures> {
  const paths = frequency.flatMap((row) => MAP_KINDS.map((kind) => `${mapFile(row, kind)}.png`));
  const found = await Promise.all(
    paths.map(async (path) => [path, await readFile(join(folder, path)).catch(() => undefined)] as const),
  );
  return new Map(found.flatMap(([path, bytes]) => (bytes ? [[path, bytes] as const] : [])));
}

/** Rows that were measured on the same images, to be shown together. */
export interface FrequencyGroup {
  level: string;
  input: FrequencyRow['input'];
  rows: FrequencyRow[];
}

export function frequencyGroups({ frequency }: Pick<Results, 'frequency'>): FrequencyGroup[] {
  const groups = new Map<string, FrequencyGroup>();
  for (const row of frequency) {
    const { level, input } = row;
    const group = groups.get(`${level} ${input}`) ?? { level, input, rows: [] };
    group.rows.push(row);
    groups.set(`${level} ${input}`, group);
  }
  return [...groups.values()];
}

export const FREQUENCY_HEAD = [
  'networks for',
  'images',
  'method',
  'mean loss',
  'total',
  ...BANDS.map((band) => `share ${band}`),
  ...BANDS.map((band) => `${band} vs original`),
];

/** A line per response. */
export function frequencyRows({ frequency }: Pick<Results, 'frequency'>): string[][] {
  return frequency.map(({ level, input, method, loss, total, shares, change }) => [
    level,
    input,
    method,
    loss.toFixed(3),
    total.toExponential(2),
    ...BANDS.map((band) => `${(100 * shares[band]).toFixed(1)}%`),
    ...BANDS.map((band) => changeText(change?.[band])),
  ]);
}

/** What the table and the pictures show. */
export function frequencyText({ frequency }: Pick<Results, 'frequency'>): string {
  const { images, width, height } = frequency[0]!;
  return (
    `Mean absolute gradient of the loss by the DCT coefficients of ${images} images of ${width}x${height}, clean or distorted at the ` +
    'level (docs/frequency.md). Low frequencies are below a quarter, mid below a half of the highest along an axis. The last columns ' +
    "are the relative change of a band's mean from the original's on the same images; shares do not depend on how large a loss is."
  );
}

/** How the pictures are to be read. */
export const PICTURES_TEXT =
  'Zero frequency in the upper left corner, the highest at the right and below. Responses on one logarithmic scale, yellow for the ' +
  'most. Differences from the original on a linear scale and ratios to it from a quarter to four times: blue for less, red for more.';

function changeText(change: number | null | undefined): string {
  if (typeof change !== 'number') return '–';
  const text = Math.abs(100 * change).toFixed(0);
  return text === '0' ? '0%' : `${change < 0 ? '−' : '+'}${text}%`;
}
