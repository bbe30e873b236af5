import { stat } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { basename, join, parse, relative, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { fail, GearnnError } from '../common/errors.js';
import { writeFileAtomic } from '../common/files.js';
import { forEachParallel } from '../common/parallel.js';
import type { Progress } from '../common/progress.js';
import { encodeLabelMap } from '../image/labels.js';
import type { Inference } from './inference.js';
import type { AdaptiveRunner } from './runner.js';

const EXTENSIONS = ['jpg', 'jpeg', 'png', 'webp', 'tif', 'tiff', 'avif', 'gif'];
/** One is decoded while another is in the network. */
const AT_ONCE = 2;

/** An image to infer, and where its mask goes. */
export interface ImageFile {
  path: string;
  /** Beside the output folder: the path below the folder that was named, with `.png` as its extension. */
  mask: string;
}

/**
 * The images that sources name: files, folders with all they hold, and glob patterns.
 *
 * @returns each once, in the order of sources and then of names
 * @throws E_USAGE for a source that names none, and for two images that would share a mask
 */
export async function findImages(sources: readonly string[]): Promise<ImageFile[]> {
  const found = new Map<string, ImageFile>();
  const owners = new Map<string, string>();
  for (const source of sources) {
    for (const file of await imagesOf(source)) {
      const path = resolve(file.path);
      if (found.has(path)) continue;
      const twin = owners.get(file.mask);
      if (twin !== undefined) {
        fail('E_USAGE', {
          where: file.path,
          expected: 'an image whose mask has a name of its own',
          got: `${file.mask}, as of ${twin}`,
          todo: 'Infer them into folders of their own.',
        });
      }
      owners.set(file.mask, file.path);
      found.set(path, file);
    }
  }
  return [...found.values()];
}

async function imagesOf(source: string): Promise<ImageFile[]> {
  const kind = await stat(source).catch(() => undefined);
  if (kind?.isFile()) return [{ path: source, mask: maskName(basename(source)) }];
  const isFolder = kind?.isDirectory() ?? false;
  const pattern = isFolder ? `**/*.{${EXTENSIONS.join()}}` : source;
  const cwd = isFolder ? source : '.';
  const paths = (await glob(pattern, { cwd, caseSensitiveMatch: false, onlyFiles: true })).sort(byName);
  if (paths.length === 0) {
    fail('E_USAGE', {
      where: source,
      expected: `an image, a folder with images (${EXTENSIONS.join(', ')}) or a pattern that matches some`,
      got: isFolder ? 'a folder without any' : 'nothing of that name',
    });
  }
  return paths.map((path) => ({
    path: join(isFolder ? source : '', path),
    mask: maskName(isFolder ? path : basename(path)),
  }));
}

function maskName(path: string): string {
  const { dir, name } = parse(path);
  return join(dir, `${name}.png`);
}

/** `frame2` before `frame10`. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** What became of one image. */
export type FileAnswer = { path: string } & ({ mask: string; inference: Inference } | { error: GearnnError });

export interface InferFilesOptions {
  runner: AdaptiveRunner;
  files: readonly ImageFile[];
  /** Folder for the masks. */
  out: string;
  /** Level of every image; each one's own unless said. */
  level?: string;
  /** The images are frames of one camera in this order: its level is tracked. */
  stream?: boolean;
  progress?: Progress;
  signal?: AbortSignal;
  /** Called with each answer, in the order in which they are ready. */
  onAnswer?: (answer: FileAnswer) => Promise<void> | void;
}

/**
 * Writes a mask for every image, a PNG with a class id per pixel. An image that cannot be answered is reported and left out.
 *
 * @returns how many got a mask, and how many failed
 * @throws the system's error where a mask cannot be written; the signal's reason
 */
export async function inferFiles(options: InferFilesOptions): Promise<{ answered: number; failed: number }> {
  const { runner, files, out, level, stream = false, progress, signal, onAnswer } = options;
  const start = performance.now();
  let [answered, failed] = [0, 0];
  const one = async ({ path, mask }: ImageFile): Promise<void> => {
    const target = join(out, mask);
    const inference = await answer(path);
    if (inference instanceof GearnnError) {
      failed++;
      await onAnswer?.({ path, error: inference });
    } else {
      const { mask: data, width, height } = inference;
      await writeFileAtomic(target, encodeLabelMap({ data, width, height }), { durable: false });
      answered++;
      await onAnswer?.({ path, mask: relative('.', target), inference });
    }
    const rate = (answered / ((performance.now() - start) / 1000)).toFixed(1);
    const values = { 'frames/s': rate, level: inference instanceof GearnnError ? '-' : inference.level };
    progress?.({ task: 'infer', done: answered + failed, total: files.length, unit: 'images', values });
  };
  const answer = async (path: string): Promise<Inference | GearnnError> => {
    try {
      return await runner.infer(await readFile(path), { level, ...(stream && { stream: 'files' }) });
    } catch (error) {
      if (error instanceof GearnnError) return inFile(error, path);
      throw error;
    }
  };
  // Frames of one stream have to come in their order.
  await forEachParallel(files, stream ? 1 : AT_ONCE, one, signal);
  return { answered, failed };
}

/** The runner does not know the names of its frames. */
function inFile(error: GearnnError, path: string): GearnnError {
  return new GearnnError(error.code, { ...error.parts, where: path, cause: error });
}
