import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keepOutside } from '../src/common/same-file.js';
import type { ImageFile, VideoSource } from '../src/serve/source.js';
import { isAddress, isStdin } from '../src/video/source.js';
import { keepInputs } from './keep-inputs.js';

/** What `gearnn infer` reads beside its sources, and what it writes. */
interface Options {
  checkpoint: string;
  adaptors: string;
  reference?: string;
  out?: string;
  overlay?: string;
  jsonl?: string;
}

/**
 * Keeps masks, logs and overlays away from the images and videos that they are made of, and masks out of folders that are searched for
 * images, where the next run would take them for some.
 *
 * @throws E_USAGE naming both
 */
export async function keepSources(
  sources: readonly string[],
  images: readonly ImageFile[],
  videos: readonly VideoSource[],
  { checkpoint, adaptors, reference, out, overlay, jsonl }: Options,
): Promise<void> {
  const masks = out === undefined ? [] : images.map(({ mask }) => join(out, mask));
  // Masks of an earlier video are removed from its folder.
  const folders = out === undefined ? [] : videos.map(({ name }) => join(out, name));
  const files = videos.flatMap(({ source }) => (isAddress(source) || isStdin(source) ? [] : [source]));
  await keepInputs(
    { files: { '--out': masks, '--overlay': overlay, '--jsonl': jsonl }, wholes: { '--out': folders } },
    {
      files: { source: [...images.map(({ path }) => path), ...files], '--reference': reference },
      folders: { '--checkpoint': checkpoint, '--adaptors': adaptors },
    },
  );
  if (out === undefined || images.length === 0) return;
  const searched: string[] = [];
  for (const source of sources) if ((await stat(source).catch(() => undefined))?.isDirectory()) searched.push(source);
  await keepOutside({ name: '--out', path: out }, searched);
}
