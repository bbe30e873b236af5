import { stat } from 'node:fs/promises';
import { basename, join, parse, resolve, sep } from 'node:path';
import { glob } from 'tinyglobby';
import { isDropping } from '../common/droppings.js';
import { fail } from '../common/errors.js';
import { fileOf, isAddress, isDevice, isStdin, isVideoName, shownSource } from '../video/source.js';
import { type SkippedFile, imagesIn, skippedText } from './image-folder.js';
import { IMAGE_EXTENSIONS } from '../image/extensions.js';
import { animatedAsVideos } from './animated.js';
import type { ImageFile, VideoSource } from './source.js';

/** What sources name. */
export interface Sources {
  images: ImageFile[];
  videos: VideoSource[];
  /** What lies in the folders and is left out, each with why, such as `.bmp`. */
  skipped: SkippedFile[];
}

/**
 * What sources name: image and video files, folders with all the images they hold, glob patterns, addresses of videos, cameras, and `-`
 * for standard input. An animated GIF, WebP or PNG is a video.
 *
 * @returns each once, in the order of sources and then of names
 * @throws E_USAGE for a source that names none, and for two whose masks would have the same name
 */
export async function findSources(sources: readonly string[]): Promise<Sources> {
  const skipped: SkippedFile[] = [];
  const found = (await Promise.all(sources.map((source) => expand(source, skipped)))).flat();
  const sorted = await animatedAsVideos(found);
  const images = sorted.filter((one) => 'mask' in one);
  const videos = sorted.filter((one) => 'name' in one);
  const distinctVideos = distinct(
    videos,
    ({ source }) => identity(source),
    ({ source, name }) => [shownSource(source), name],
  );
  const distinctImages = distinct(
    images,
    ({ path }) => resolve(path),
    ({ path, mask }) => [path, mask],
  );
  refuseInside(distinctImages, distinctVideos);
  const left = [...new Map(skipped.map((file) => [resolve(file.path), file])).values()];
  return { images: distinctImages, videos: distinctVideos, skipped: left };
}

/** Each thing once. @throws E_USAGE where two things have one name for what is written */
function distinct<T>(all: T[], identity: (one: T) => string, names: (one: T) => [source: string, mask: string]): T[] {
  const owners = new Map<string, string>();
  const once = [...new Map(all.map((one) => [identity(one), one])).values()];
  for (const [source, mask] of once.map(names)) {
    const twin = owners.get(mask);
    if (twin !== undefined) {
      fail('E_USAGE', {
        where: source,
        expected: 'a source whose mask has a name of its own',
        got: `${mask}, as of ${twin}`,
        todo: 'Infer them into folders of their own.',
      });
    }
    owners.set(mask, source);
  }
  return once;
}

/** @throws E_USAGE where an image's mask would lie among those of a video's frames, which takes the folder of its name */
function refuseInside(images: readonly ImageFile[], videos: readonly VideoSource[]): void {
  const owners = new Map(videos.map(({ source, name }) => [name, source]));
  for (const { path, mask } of images) {
    const owner = owners.get(mask.split(sep)[0]!);
    if (owner === undefined || !mask.includes(sep)) continue;
    fail('E_USAGE', {
      where: path,
      expected: 'a source whose mask has a name of its own',
      got: `${mask}, in the folder of ${shownSource(owner)}`,
      todo: 'Infer them into folders of their own.',
    });
  }
}

async function expand(named: string, skipped: SkippedFile[]): Promise<(ImageFile | VideoSource)[]> {
  if (isAddress(named) || isStdin(named) || isDevice(named)) return [video(named)];
  const source = fileOf(named);
  const kind = await stat(source).catch((error: NodeJS.ErrnoException) => {
    // A pattern may be longer than a name can be, and a part of it no folder.
    if (!['ENOENT', 'ENOTDIR'].includes(error.code ?? '') && !/[*?[{(!]/.test(source)) throw error;
    return undefined;
  });
  if (kind && !kind.isDirectory()) return [isVideoName(source) ? video(source) : image(source)];
  const isFolder = kind !== undefined;
  const folder = isFolder ? await imagesIn(source, IMAGE_EXTENSIONS) : undefined;
  skipped.push(...(folder?.skipped ?? []));
  const matches = folder?.paths ?? (await glob(source, { caseSensitiveMatch: false, onlyFiles: true }));
  // What the source itself names is meant: a pattern may lie in a folder whose name ends in ~.
  const literal = new Set(isFolder ? [] : source.split(/[/\\]/));
  const isLeftOver = (path: string): boolean =>
    path.split(/[/\\]/).some((part) => !literal.has(part) && isDropping(part));
  const paths = matches.filter((path) => !isLeftOver(path)).sort(byName);
  if (paths.length === 0) {
    fail('E_USAGE', {
      where: source,
      expected: `an image, a video, a folder with images (${IMAGE_EXTENSIONS.join(', ')}) or a pattern that matches some`,
      got: isFolder
        ? `a folder without any${folder!.skipped.length > 0 ? `: ${skippedText(folder!.skipped)}` : ''}`
        : 'nothing of that name',
    });
  }
  if (isFolder) return paths.map((path) => ({ path: join(source, path), mask: maskName(path) }));
  return paths.map((path) => (isVideoName(path) ? video(path) : image(path)));
}

const image = (path: string): ImageFile => ({ path, mask: maskName(basename(path)) });

function video(source: string): VideoSource {
  if (isStdin(source)) return { source, name: 'stdin' };
  if (!isAddress(source)) return { source, name: parse(source).name };
  const { hostname, pathname } = partsOf(source);
  const name = parse(decoded(pathname)).name || hostname || 'video';
  return { source, name: name.replace(/[^\w.=+-]+/g, '_') };
}

/** Of what `URL` does not take FFmpeg takes some, such as `udp://:1234`, and says of the rest what is wrong. */
function partsOf(address: string): { hostname: string; pathname: string } {
  if (URL.canParse(address)) return new URL(address);
  const [, hostname = '', pathname = ''] = /^\w+:\/*(?:[^/?#]*@)?:?([^/?#]*)([^?#]*)/.exec(address) ?? [];
  return { hostname, pathname };
}

/** A path as it is where its `%` are no escapes. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const identity = (source: string): string => (isAddress(source) || isStdin(source) ? source : resolve(source));

function maskName(path: string): string {
  const { dir, name } = parse(path);
  return join(dir, `${name}.png`);
}

/** `frame2` before `frame10`. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
