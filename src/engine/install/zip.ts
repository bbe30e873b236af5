import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { fail } from '../../common/errors.js';
import { makeFolder } from '../../common/folders.js';
import { naming } from '../../common/system-error.js';

/** One file of a zip archive. */
export interface ZipEntry {
  name: string;
  /** Bytes unpacked and packed. */
  size: number;
  packed: number;
  /** 0 stored, 8 deflated. */
  method: number;
  /** Unix permissions. */
  mode: number;
  /** Where its local header begins. */
  offset: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const PIECE = 1 << 20;

/**
 * A zip archive opened for reading; close it. Reads what wheels are made of: stored and deflated files, under 4 GB, no encryption.
 * Here rather than a dependency because it is a page long, and rather than Python because `--from` then needs none.
 *
 * @source PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16
 */
export class Zip {
  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
    readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {}

  /** @throws E_ENGINE_WHEEL if the file is no zip archive or ends too early */
  static async open(path: string): Promise<Zip> {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const tail = await readAt(file, Math.max(0, size - 65557), Math.min(size, 65557));
      let end = tail.length - 22;
      while (end >= 0 && tail.readUInt32LE(end) !== END) end--;
      if (end < 0) damaged(path, 'no list of contents at its end, as after a download that broke off');
      const central = await readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
      return new Zip(file, path, parseCentral(path, central, tail.readUInt16LE(end + 10)));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /** A file's content. */
  async read(entry: ZipEntry): Promise<Buffer> {
    const pieces: Buffer[] = [];
    const keep = new Writable({
      write(piece: Buffer, _encoding, done) {
        pieces.push(piece);
        done();
      },
    });
    await this.unpack(entry, keep);
    return Buffer.concat(pieces);
  }

  /**
   * Writes a file's content to disk.
   *
   * @param onBytes called with the unpacked bytes of each piece
   * @returns SHA-256 of the content, as hex
   */
  extract(entry: ZipEntry, target: string, onBytes?: (bytes: number) => void): Promise<string> {
    return makeFolder(dirname(target)).then(() =>
      naming(target, () => this.unpack(entry, createWriteStream(target, { mode: entry.mode }), onBytes)),
    );
  }

  private async unpack(entry: ZipEntry, sink: Writable, onBytes?: (bytes: number) => void): Promise<string> {
    const header = await readAt(this.file, entry.offset, 30);
    if (header.length < 30 || header.readUInt32LE(0) !== LOCAL) damaged(this.path, `no file header for ${entry.name}`);
    const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const hash = createHash('sha256');
    const meter = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const piece of source) {
        hash.update(piece);
        onBytes?.(piece.length);
        yield piece;
      }
    };
    const packed = Readable.from(pieces(this.file, start, entry.packed), { objectMode: false, highWaterMark: PIECE });
    try {
      if (entry.method === 0) await pipeline(packed, meter, sink);
      else if (entry.method === 8) await pipeline(packed, createInflateRaw({ chunkSize: PIECE }), meter, sink);
      else damaged(this.path, `${entry.name} packed by method ${entry.method}`);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code.startsWith('Z_')) damaged(this.path, `${entry.name} that cannot be unpacked`, error);
      throw error;
    }
    return hash.digest('hex');
  }
}

function parseCentral(path: string, central: Buffer, count: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > central.length || central.readUInt32LE(at) !== CENTRAL)
      damaged(path, `a list of contents that breaks off after ${i} files`);
    const name = central.toString('utf8', at + 46, at + 46 + central.readUInt16LE(at + 28));
    entries.set(name, {
      name,
      method: central.readUInt16LE(at + 10),
      packed: central.readUInt32LE(at + 20),
      size: central.readUInt32LE(at + 24),
      mode: (central.readUInt32LE(at + 38) >>> 16) & 0o777 || 0o644,
      offset: central.readUInt32LE(at + 42),
    });
    at += 46 + central.readUInt16LE(at + 28) + central.readUInt16LE(at + 30) + central.readUInt16LE(at + 32);
  }
  return entries;
}

async function* pieces(file: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < length; at += PIECE) {
    const piece = await readAt(file, start + at, Math.min(PIECE, length - at));
    if (piece.length === 0) return;
    yield piece;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function damaged(path: string, got: string, cause?: unknown): never {
  return fail('E_ENGINE_WHEEL', {
    where: path,
    expected: 'a whole zip archive',
    got,
    todo: 'Delete it and run gearnn engine install again.',
    cause,
  });
}
