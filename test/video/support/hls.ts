import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { writeClip } from './clips.js';

/** Frames of a segment, which lasts 0.6 s. */
export const FRAMES = 6;

/** A segment at each of several sizes, whose clock starts at `start` seconds. */
export async function makeLadder(
  folder: string,
  sizes: readonly (readonly [number, number])[],
  start = 0,
): Promise<Buffer[]> {
  return Promise.all(
    sizes.map(async ([width, height], i) => {
      const path = join(folder, `rung-${i}.ts`);
      await writeClip(path, { count: FRAMES, width, height, gop: FRAMES, start });
      return readFile(path);
    }),
  );
}

/** A media playlist. */
export function playlist(segments: readonly string[], { ended = true, discontinuity = true } = {}): string {
  const lines = segments.map(
    (name, i) => `${discontinuity && i > 0 ? '#EXT-X-DISCONTINUITY\n' : ''}#EXTINF:0.6,\n${name}`,
  );
  const head = '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0';
  return [head, ...lines, ...(ended ? ['#EXT-X-ENDLIST'] : [])].join('\n');
}

export interface HlsServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Paths in the order in which they were asked for. */
  requests: string[];
  close(): void;
}

/** Serves on a free port of loopback what a function has for a path. */
export async function serveHls(answer: (path: string) => string | Buffer | undefined): Promise<HlsServer> {
  const requests: string[] = [];
  const server = createServer(({ url = '/' }, response) => {
    requests.push(url);
    const body = answer(url);
    const type = url.endsWith('.m3u8') ? 'application/vnd.apple.mpegurl' : 'video/mp2t';
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, requests, close };
}

/**
 * A live stream that changes rung while it runs, under one playlist and without a word about it: with every reload the playlist has one
 * segment more, and the segments' bytes are those of the rung of the moment.
 *
 * @param rungs which rung each segment has
 */
export function serveChangingLive(ladder: readonly Buffer[], rungs: readonly number[]): Promise<HlsServer> {
  let shown = 1;
  return serveHls((path) => {
    const segment = /^\/segment-(\d+)\.ts$/.exec(path)?.[1];
    if (segment !== undefined) return ladder[rungs[Number(segment)]!];
    if (path !== '/live.m3u8') return undefined;
    shown = Math.min(shown + 1, rungs.length);
    const names = Array.from({ length: shown }, (_, i) => `segment-${i}.ts`);
    return playlist(names, { ended: shown === rungs.length, discontinuity: false });
  });
}
