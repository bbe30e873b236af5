import { rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canonicalJson, sha256, writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import type { Dataset } from '../data/dataset.js';
import { resizes } from './distort.js';
import { lookInto } from './folder-state.js';
import { JOURNAL, Journal } from './journal.js';
import type { Level } from './level.js';
import { listFiles } from './lists.js';
import { codecsOf, MANIFEST, sourceHash, stampOf, taskEntry, type Manifest, type ManifestFile } from './manifest.js';
import type { PlannedSample } from './paths.js';
import { readText } from '../common/text-file.js';
import { readFile } from '../common/read-file.js';

/** One level's folder while it is being filled: what is in it already, and what has been written to it. */
export class LevelFolder {
  private journal: Promise<Journal> | undefined;

  private constructor(
    readonly path: string,
    readonly level: Level,
    private readonly dataset: Dataset,
    private readonly codecs: Manifest['codecs'],
    private readonly stamp: string,
    /** What an earlier run finished; undefined if none did. */
    readonly earlier: Manifest | undefined,
    /** Files as the manifest and the journal know them, by path; they may have changed on disk since. */
    private readonly files: Map<string, ManifestFile>,
  ) {}

  /**
   * Looks at what is in `OUT/LEVEL/`.
   *
   * @param anew splits to make again, whatever is there
   * @throws E_DISTORT_FOLDER if it is the source itself or, without `anew`, holds another dataset
   */
  static async open(out: string, level: Level, dataset: Dataset, anew?: readonly string[]): Promise<LevelFolder> {
    const path = join(out, level.text);
    const codecs = await codecsOf(level);
    const stamp = stampOf({ ...dataset, level: level.text, codecs });
    const { earlier, files } = await lookInto(path, dataset, stamp, anew);
    return new LevelFolder(
      path,
      level,
      dataset,
      codecs,
      stamp,
      earlier,
      new Map(files.map((file) => [file.path, file])),
    );
  }

  /** Whether a file is there, made from this source and unchanged since. */
  async isRight(path: string, source: string): Promise<boolean> {
    const file = this.files.get(path);
    return file?.source === source && (await isIntact(this.path, file));
  }

  /** Writes a file and notes it. */
  async put(path: string, from: string, source: string, content: Uint8Array): Promise<void> {
    this.journal ??= Journal.create(this.path, this.stamp, this.files.values());
    const journal = await this.journal;
    // The journal and the manifest hold its hash, and every later run compares.
    await writeFileAtomic(join(this.path, path), content, { durable: false });
    const file = { path, from, source, sha256: sha256(content), size: content.length };
    this.files.set(path, file);
    await journal.add(file);
  }

  /** Completes the folder: list files, `dataset.json`, and last the manifest. What is right already is left alone. */
  async finish(plan: readonly PlannedSample[]): Promise<Manifest> {
    const manifest = this.manifest(plan);
    for (const [name, content] of listFiles(manifest)) {
      const path = join(this.path, name);
      if ((await readText(path).catch(() => undefined)) !== content) await writeFileAtomic(path, content);
    }
    if (canonicalJson(manifest) !== canonicalJson(this.earlier ?? null)) {
      await writeJsonAtomic(join(this.path, MANIFEST), manifest);
    }
    await this.close();
    await rm(join(this.path, JOURNAL), { force: true });
    return manifest;
  }

  /** Leaves the folder as it is, to be resumed. */
  async close(): Promise<void> {
    const journal = await this.journal?.catch(() => undefined);
    this.journal = undefined;
    await journal?.close();
  }

  private manifest(plan: readonly PlannedSample[]): Manifest {
    const { spec, root, name, classes, ignore, resized, targets } = this.dataset;
    const paths = new Set(plan.flatMap((sample) => sample.files));
    const files = [...paths].map((path) => this.files.get(path)!);
    const splits: Manifest['splits'] = {};
    for (const { split, image, label } of plan) (splits[split] ??= []).push({ image, label });
    return {
      format: 'gearnn-distorted',
      version: 1,
      level: this.level.text,
      source: { spec, root: root === null ? null : resolve(root), name, hash: sourceHash(files) },
      ...taskEntry(targets),
      classes,
      ignore,
      ...((resizes(this.level) || resized) && { resized: true as const }),
      codecs: this.codecs,
      splits,
      files,
    };
  }
}

/** Whether a file is on disk with the size and content that its manifest names. */
export async function isIntact(folder: string, file: ManifestFile): Promise<boolean> {
  const path = join(folder, file.path);
  const size = await stat(path).then(
    (stats) => stats.size,
    () => undefined,
  );
  return size === file.size && sha256(await readFile(path)) === file.sha256;
}
