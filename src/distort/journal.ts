import { open, type FileHandle } from 'node:fs/promises';
import { readText } from '../common/text-file.js';
import { join } from 'node:path';
import { writeFileAtomic } from '../common/files.js';
import { naming } from '../common/system-error.js';
import { fileSchema, type ManifestFile } from './manifest.js';

export const JOURNAL = 'manifest.partial.jsonl';

/**
 * The files that an unfinished run has written: a line with the run's stamp, then a line per file, each added once the file
 * is whole. It takes the manifest's place until the run is done.
 */
export class Journal {
  /** Lines are added one after the other, also where files are written at the same time. */
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** Begins a journal with the files that an earlier run left. */
  static async create(folder: string, stamp: string, files: Iterable<ManifestFile>): Promise<Journal> {
    const path = join(folder, JOURNAL);
    const lines = [{ stamp }, ...files].map((entry) => `${JSON.stringify(entry)}\n`);
    // Rewritten rather than continued: a last line that a kill cut short would swallow the next one.
    await writeFileAtomic(path, lines.join(''));
    return new Journal(path, await open(path, 'a'));
  }

  add(file: ManifestFile): Promise<void> {
    const line = `${JSON.stringify(file)}\n`;
    const added = this.last.then(() => naming(this.path, () => this.handle.appendFile(line)));
    this.last = added.catch(() => {});
    return added;
  }

  async close(): Promise<void> {
    await this.last;
    await this.handle.close();
  }
}

/** The files of a folder's journal; none if there is no journal or it has another stamp. A line cut short is left out. */
export async function readJournal(folder: string, stamp: string): Promise<ManifestFile[]> {
  const text = await readText(join(folder, JOURNAL)).catch(() => '');
  const [head, ...lines] = text.split('\n').map(parseLine);
  if ((head as { stamp?: string } | undefined)?.stamp !== stamp) return [];
  return lines.flatMap((line) => {
    const file = fileSchema.safeParse(line);
    return file.success ? [file.data] : [];
  });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
