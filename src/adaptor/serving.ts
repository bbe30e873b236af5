import { dirname } from 'node:path';
import type { CheckpointOutline } from '../models/checkpoint.js';
import { adaptorHash, CALIBRATION, type CalibrationRow, readCalibration, reasonOf } from './calibration.js';
import { type Adaptor, adaptorFiles, loadAdaptor } from './file.js';
import { adaptorRoot, listAdaptors } from './list.js';

/**
 * What a folder's calibration is used for. `known`: what it says holds, and adaptors that it says nothing of serve as they are. `only`: of those the base
 * serves. `ignored`: every adaptor serves as it is.
 */
export type CalibrationUse = 'known' | 'only' | 'ignored';

/** What answers at a level. */
export interface Served {
  level: string;
  /** Under the name of the level, whosever it is; undefined where the base answers. */
  adaptor?: Adaptor;
  /** How far it goes from the base to the adaptor. */
  share: number;
  /** Why it is not the level's own adaptor as it is. */
  reason?: string;
}

/** What answers at the levels of a folder of adaptors: what their measured gains say, where they are measured. */
export class Serving {
  private readonly unmeasured: string[] = [];
  private readonly changed: string[] = [];

  /**
   * @param given what was asked for: one adaptor, or what `folder` is
   * @param folder of adaptors
   */
  private constructor(
    private readonly given: string,
    private readonly folder: string,
    private readonly base: CheckpointOutline,
    private readonly use: CalibrationUse,
    private readonly rows: ReadonlyMap<string, CalibrationRow>,
    private readonly foreign: boolean,
    private readonly folders: ReadonlyMap<string, string>,
  ) {}

  /**
   * @param folder of adaptors, a checkpoint, or one adaptor, which serves as it is unless `use` is `only`
   * @throws E_CALIBRATION for a damaged file, E_ADAPTOR where there is no such folder
   */
  static async open(folder: string, base: CheckpointOutline, use: CalibrationUse = 'known'): Promise<Serving> {
    const single = adaptorFiles(folder) !== undefined;
    const root = single ? dirname(folder) : adaptorRoot(folder);
    const read = use === 'ignored' || (single && use === 'known') ? undefined : await readCalibration(root);
    const foreign = read !== undefined && read.base !== base.hash;
    const rows = new Map(foreign ? [] : read?.levels.map((row) => [row.level, row]));
    const listed = rows.size === 0 ? [] : await listAdaptors(root, () => {});
    const folders = new Map(listed.map((one) => [one.level, one.folder]));
    return new Serving(folder, root, base, use, rows, foreign, folders);
  }

  /**
   * What answers at the level of an adaptor.
   *
   * @throws what {@link loadAdaptor} throws
   */
  async at(folder: string): Promise<Served> {
    const own = await loadAdaptor(folder, this.base);
    const { level } = own.config;
    if (this.use === 'ignored') return { level, adaptor: own, share: 1 };
    const row = this.rows.get(level);
    if (row && (await this.isCurrent(row, own))) return this.measured(row, own);
    (row ? this.changed : this.unmeasured).push(level);
    if (this.use === 'known') return { level, adaptor: own, share: 1 };
    const what = row ? 'has changed since it was calibrated' : 'is not calibrated';
    return { level, share: 1, reason: `the adaptor of ${level} ${what}` };
  }

  /** What answers at all levels of the folder. @throws what {@link loadAdaptor} throws */
  async all(): Promise<Served[]> {
    const served: Served[] = [];
    for (const { folder } of await listAdaptors(this.given)) served.push(await this.at(folder));
    return [...served, ...this.bases];
  }

  /** Levels that were measured and have no adaptor, as the base was better: it answers frames of these too. */
  get bases(): Served[] {
    const rows = [...this.rows.values()].filter(({ level, serves }) => !serves && !this.folders.has(level));
    return rows.map((row) => ({ level: row.level, share: 1, reason: reasonOf(row) }));
  }

  /** What is to be said of the levels that were asked for and are not any more what was measured. */
  get outdated(): string[] {
    const { folder, changed, foreign } = this;
    return [
      ...(foreign ? [`${folder}/${CALIBRATION} is of another base and counts for nothing`] : []),
      ...(changed.length > 0
        ? [
            `${folder}/${CALIBRATION} is out of date for ${changed.join(', ')}, whose adaptors have changed; ${this.then}`,
          ]
        : []),
    ];
  }

  /** The same, and which were never measured. */
  get notes(): string[] {
    const { folder, unmeasured, rows } = this;
    const which = rows.size === 0 ? 'no adaptor here is calibrated' : `not calibrated: ${unmeasured.join(', ')}`;
    const measure = 'gearnn calibrate measures whether adaptors are better than the base';
    return [...this.outdated, ...(unmeasured.length > 0 ? [`${folder}: ${which}; ${this.then}; ${measure}`] : [])];
  }

  /** What answers where nothing is measured. */
  private get then(): string {
    return this.use === 'only' ? 'the base answers there' : 'they serve all the same';
  }

  private async measured(row: CalibrationRow, own: Adaptor): Promise<Served> {
    const { level, serves, adaptor: from, share } = row;
    const reason = reasonOf(row);
    if (!serves) return { level, share: 1, reason };
    if (from === level) return { level, adaptor: own, share, reason };
    const other = await loadAdaptor(this.folders.get(from)!, this.base);
    return { level, adaptor: { ...other, config: { ...other.config, level } }, share, reason };
  }

  /** Whether the adaptors that a row is about are those that lie there. */
  private async isCurrent({ level, hashes }: CalibrationRow, own: Adaptor): Promise<boolean> {
    for (const [of, hash] of Object.entries(hashes)) {
      const path = this.folders.get(of);
      const now = of === level ? own.hash : path && (await adaptorHash(path));
      if (now !== hash) return false;
    }
    return hashes[level] !== undefined;
  }
}
