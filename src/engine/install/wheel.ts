import { basename, join } from 'node:path';
import { fail } from '../../common/errors.js';
import { type EngineFile } from './manifest.js';
import { Zip, type ZipEntry } from './zip.js';
import { textOf } from '../../common/text-file.js';

/** A file of a wheel and where it goes, relative to the target folder. */
export interface WheelFile {
  entry: ZipEntry;
  path: string;
}

/**
 * A Python wheel opened for reading; close it. Every file that it hands out is checked against the SHA-256 in the wheel's own RECORD.
 *
 * @source Python Packaging User Guide, "Binary distribution format" and "Recording installed projects"
 */
export class Wheel {
  private constructor(
    readonly path: string,
    private readonly zip: Zip,
    /** `tensorflow-cpu`, `2.21.0` */
    readonly project: string,
    readonly version: string,
    /** The `Requires-Dist` lines. */
    readonly requires: string[],
    /** Platform tags: `manylinux_2_27_x86_64`. */
    readonly platforms: string[],
    private readonly record: Map<string, string>,
  ) {}

  /** @throws E_ENGINE_WHEEL if the file is no wheel, or only a part of one */
  static async open(path: string): Promise<Wheel> {
    const zip = await Zip.open(path);
    try {
      const read = async (name: string): Promise<string> => {
        const entry = [...zip.entries.values()].find((file) => file.name.endsWith(`.dist-info/${name}`));
        if (entry === undefined) notTensorflow(path, `no ${name} in it`);
        return textOf(await zip.read(entry), entry.name);
      };
      const metadata = await read('METADATA');
      const tags = fields(await read('WHEEL'), 'Tag').map((tag) => tag.split('-').slice(2).join('-'));
      const [project = '', version = ''] = [fields(metadata, 'Name')[0], fields(metadata, 'Version')[0]];
      return new Wheel(
        path,
        zip,
        project,
        version,
        fields(metadata, 'Requires-Dist'),
        tags,
        parseRecord(await read('RECORD')),
      );
    } catch (error) {
      await zip.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.zip.close();
  }

  /** The wheel's files for which `place` gives a path, in the archive's order. */
  files(place: (name: string) => string | null): WheelFile[] {
    return [...this.zip.entries.values()].flatMap((entry) => {
      const path = entry.name.endsWith('/') ? null : place(entry.name);
      return path === null ? [] : [{ entry, path }];
    });
  }

  /**
   * Unpacks files into a folder.
   *
   * @param onBytes called with the bytes that each piece adds
   * @returns what was written, in the same order
   * @throws E_ENGINE_CHECKSUM if a file's content is not what RECORD says
   */
  async extract(files: WheelFile[], folder: string, onBytes?: (bytes: number) => void): Promise<EngineFile[]> {
    const written: EngineFile[] = [];
    for (const { entry, path } of files) {
      const sha256 = await this.zip.extract(entry, join(folder, path), onBytes);
      const expected = this.record.get(entry.name);
      if (sha256 !== expected)
        fail('E_ENGINE_CHECKSUM', {
          where: `${basename(this.path)}: ${entry.name}`,
          expected: `SHA-256 ${expected ?? 'in RECORD'}`,
          got: sha256,
          todo: `Delete ${this.path} and run gearnn engine install again.`,
        });
      written.push({ path, size: entry.size, sha256 });
    }
    return written;
  }
}

function fields(text: string, name: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith(`${name}: `))
    .map((line) => line.slice(name.length + 2).trim());
}

/** RECORD is CSV: `path,sha256=BASE64URL,size`; a path with a comma is in quotes. */
function parseRecord(text: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^(?:"((?:[^"]|"")*)"|(.*)),sha256=([\w-]+)=*,\d*$/.exec(line);
    if (match === null) continue;
    hashes.set(match[1]?.replaceAll('""', '"') ?? match[2]!, Buffer.from(match[3]!, 'base64url').toString('hex'));
  }
  return hashes;
}

/** Throws that a file is not the wheel it should be. */
export function notTensorflow(path: string, got: string): never {
  return fail('E_ENGINE_WHEEL', {
    where: path,
    expected: "a wheel of TensorFlow for this machine, as PyPI's tensorflow or tensorflow-cpu",
    got,
    todo: 'Run gearnn engine install without --from to fetch the right one.',
  });
}
