import { fail } from '../common/errors.js';

/** The parts of node-av that are used: FFmpeg's own objects, and its constants. */
export type Library = typeof import('node-av/lib') & { constants: typeof import('node-av/constants') };

let loaded: Promise<Library> | undefined;

/**
 * FFmpeg, by the optional package node-av. Loading it takes 170 MB of address space, so only what handles videos does.
 *
 * @throws E_VIDEO_PACKAGE where the package is missing, or has no binary for this machine
 */
export function loadLibrary(): Promise<Library> {
  return (loaded ??= load());
}

async function load(): Promise<Library> {
  try {
    const [lib, constants] = await Promise.all([import('node-av/lib'), import('node-av/constants')]);
    // FFmpeg would print on stderr; what matters comes back as an error code.
    lib.Log.setLevel(constants.AV_LOG_QUIET);
    return { ...lib, constants };
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    fail('E_VIDEO_PACKAGE', {
      where: 'video',
      expected: 'the optional package node-av, which reads and writes videos (FFmpeg, about 170 MB)',
      got: missing ? 'none' : `one that does not load on ${process.platform}-${process.arch}`,
      todo: 'Install it with `npm install node-av` in the folder where gearnn is installed.',
      cause,
    });
  }
}

/** FFmpeg's words for one of its error codes: `Invalid data found when processing input`. */
export function reasonOf({ FFmpegError }: Library, code: number): string {
  return FFmpegError.strerror(code);
}
