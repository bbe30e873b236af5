import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../common/errors.js';
import { writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import { decodeNpy, encodeNpy } from '../common/npy.js';
import { encodePalettePng } from '../image/encode.js';
import type { Pixels } from '../image/pixels.js';
import { summarizeResponse } from './bands.js';
import {
  differenceOf,
  differencePicture,
  differenceScale,
  ratioPicture,
  responsePicture,
  responseScale,
} from './pictures.js';
import type { CoefficientMap, FrequencyResponse } from './response.js';
import { readFile } from '../common/read-file.js';

/** Name of the map of the channels together, before its ending. */
export const RESPONSE = 'response';
const DESCRIPTION = 'response.json';
/** What {@link writeDifference} writes. */
const COMPARISON = ['difference.npy', 'difference.png', 'ratio.png'];
/** Everything that a response's folder may hold. */
export const RESPONSE_FILES = [
  ...['', '-r', '-g', '-b'].flatMap((channel) => ['npy', 'png'].map((ending) => `response${channel}.${ending}`)),
  ...[DESCRIPTION, ...COMPARISON],
];
const CHANNELS = { r: 'red', g: 'green', b: 'blue' } as const;
const TODO = 'Give a folder that gearnn frequency has written.';

/** What of the images and the network stands beside a response. */
export interface ResponseDescription {
  network: string;
  checkpoint: string;
  adaptor: string | null;
  data: string;
  split: string;
  level: string;
  /** What the loss is. */
  objective: string;
  /** Ids of the samples. */
  images: string[];
  /** Hash of the clean images and labels; absent where they were not there. */
  content?: string;
}

const descriptionSchema = z.looseObject({
  level: z.string(),
  images: z.array(z.string()),
  content: z.string().optional(),
});

/**
 * Writes a response: `response.npy` and `.png` of the channels together, `response-r`, `-g` and `-b` of each, and last
 * `response.json`, which says what it is of and what the pictures' colours stand for. All four pictures share one scale. Files of
 * the comparison that an earlier response in the folder was part of are removed.
 */
export async function writeResponse(
  folder: string,
  response: FrequencyResponse,
  description: ResponseDescription,
): Promise<void> {
  const { together, red, green, blue, loss } = response;
  for (const name of COMPARISON) await rm(join(folder, name), { force: true });
  const scale = responseScale([together, red, green, blue]);
  await writeMap(join(folder, RESPONSE), together, responsePicture(together, scale));
  for (const [letter, name] of Object.entries(CHANNELS)) {
    await writeMap(join(folder, `response-${letter}`), response[name], responsePicture(response[name], scale));
  }
  const { width, height } = together;
  const summary = summarizeResponse(together);
  await writeJsonAtomic(join(folder, DESCRIPTION), { ...description, width, height, loss, scale, ...summary });
}

/** What {@link readResponse} finds. */
export interface StoredResponse {
  together: CoefficientMap;
  level: string;
  /** Ids of the samples. */
  images: string[];
  /** Hash of the images and labels; undefined where an earlier version of gearnn wrote it. */
  content?: string;
}

/** Reads the response of the channels together from a folder. @throws E_FREQUENCY if it is none, or damaged */
export async function readResponse(folder: string): Promise<StoredResponse> {
  const { level, images, content } = await readJsonFile(join(folder, DESCRIPTION), descriptionSchema, {
    code: 'E_FREQUENCY',
    expected: 'the response.json of a frequency response',
    todo: TODO,
  });
  return { together: await readMap(join(folder, `${RESPONSE}.npy`)), level, images, content };
}

/**
 * Reads a map that {@link writeMap} wrote.
 *
 * @throws E_FREQUENCY
 */
export async function readMap(path: string): Promise<CoefficientMap> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    return undefined;
  });
  const found = bytes && decodeNpy(bytes);
  if (found?.shape.length === 2) return { data: found.data, height: found.shape[0]!, width: found.shape[1]! };
  return fail('E_FREQUENCY', {
    where: path,
    expected: 'a NumPy file of single-precision numbers, [height, width]',
    got: bytes ? 'something else, or a part of one' : 'no such file',
    todo: TODO,
  });
}

/** Writes the difference of two responses of one size as `difference.npy` and `.png`, and their quotient as `ratio.png`. */
export async function writeDifference(folder: string, a: CoefficientMap, b: CoefficientMap): Promise<void> {
  const difference = differenceOf(a, b);
  await writeMap(join(folder, 'difference'), difference, differencePicture(difference, differenceScale([difference])));
  await writeFileAtomic(join(folder, 'ratio.png'), await encodePalettePng(ratioPicture(a, b)));
}

/** Writes `PATH.npy` and, where there is a picture, `PATH.png`. */
export async function writeMap(path: string, { data, width, height }: CoefficientMap, picture?: Pixels): Promise<void> {
  await writeFileAtomic(`${path}.npy`, encodeNpy(data, [height, width]));
  if (picture) await writeFileAtomic(`${path}.png`, await encodePalettePng(picture));
}
