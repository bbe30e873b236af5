import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { settle } from '../common/outcome.js';
import { adaptorFiles } from '../adaptor/file.js';
import type { Applied } from './fetch-network.js';
import type { Holdings } from './holdings.js';
import { adaptorError, isEngineEnd, loadError } from './load-errors.js';
import { itemName, type Problem } from './problems.js';
import type { Glance } from './shelf.js';

/** What became of an adaptor whose files changed. */
export interface AdaptorChange {
  /** `demo:jpeg=10` */
  name: string;
  change: 'loaded' | 'removed' | 'refused';
}

/**
 * Brings a network to what lies in its folder of adaptors: one that appears or changes is loaded, one that goes is let go. Each is taken whole
 * or not at all: its files have to be the same at two looks in a row, and what cannot be loaded changes nothing. Nothing but looking is
 * relied on, so that network file systems will do.
 */
export class Following {
  private readonly glances = new Map<string, Glance>();
  /** The calibration that is served. */
  private readonly calibrations = new Map<string, string>();
  /** The folder in which adaptors were last seen. */
  private readonly identities = new Map<string, string>();

  constructor(
    private readonly holdings: Holdings,
    private readonly onChange: (change: AdaptorChange) => void,
  ) {}

  /** One look, outside of any turn: it may take its time. @returns what to do about it in the network's turn, if anything */
  async look(network: string): Promise<(() => Promise<void>) | undefined> {
    const glance = await settle(() => this.holdings.shelf.glance(network));
    if (glance === undefined) return undefined;
    const fault = glance instanceof Error ? glance : this.emptied(network, glance);
    if (fault) return async () => this.refuseRoot(network, fault);
    const now = glance as Glance;
    const before = this.glances.get(network);
    this.glances.set(network, now);
    if (now.folders.size > 0) this.identities.set(network, now.identity);
    const calibration = this.calibrations.get(network) ?? now.calibration;
    this.calibrations.set(network, calibration);
    const isSettled = (path: string): boolean =>
      before !== undefined && before.folders.get(path) === now.folders.get(path);
    const isWell = this.holdings.problems.get(rootName(network, now.root)) === undefined;
    const applied = this.holdings.applied(network);
    const changed = [...now.folders].filter(
      ([path, signature]) => isSettled(path) && applied.get(path)?.signature !== signature,
    );
    const gone = [...applied.keys()].filter((path) => !now.folders.has(path) && isSettled(path));
    const isMeasured = calibration === now.calibration || before?.calibration !== now.calibration;
    const missing = this.missing(network, now);
    if (changed.length + gone.length + missing.length === 0 && isMeasured && isWell) return undefined;
    return async () => {
      this.holdings.problems.solve(rootName(network, now.root));
      for (const { name, level } of missing) {
        this.holdings.problems.forget(name);
        if (level !== undefined) this.holdings.unwant(network, level);
      }
      await this.apply(network, new Map(changed), gone, isMeasured ? undefined : now);
    };
  }

  /** Levels of which only the name is left, as an engine that started again found nothing of them. */
  private missing(network: string, { folders }: Glance): Problem[] {
    return this.holdings.problems
      .of(network)
      .filter(
        ({ folder, level, isRoot }) => !isRoot && folder === undefined && level !== undefined && folders.size > 0,
      );
  }

  /** An empty folder that is another one than before is no file system any more, rather than one without adaptors. */
  private emptied(network: string, { root, identity, folders }: Glance): Error | undefined {
    const known = this.identities.get(network);
    if (folders.size > 0 || known === undefined || known === identity) return undefined;
    return adaptorError(rootName(network, root), 'another folder in its place, which is empty');
  }

  private async refuseRoot(network: string, error: Error): Promise<void> {
    const { adaptors } = await this.holdings.shelf.folders(network);
    const name = rootName(network, adaptors!);
    this.holdings.problems.add({ name, network, folder: adaptors, error, signature: '', isRoot: true });
  }

  /** @param measured the look with a calibration that is new: every adaptor is taken by it */
  private async apply(
    network: string,
    changed: ReadonlyMap<string, string>,
    gone: readonly string[],
    measured?: Glance,
  ): Promise<void> {
    const { holdings } = this;
    if (!holdings.loaded.get(network)) return;
    const { folders, broken } = await holdings.shelf.adaptors(network);
    if (measured) await this.measure(network, measured);
    const again = measured
      ? [...folders.values()].map((path) => [path, measured.folders.get(path) ?? ''] as const)
      : [];
    for (const [path, signature] of new Map([...again, ...changed])) {
      const level = [...folders].find(([, folder]) => folder === path)?.[0];
      const fault = broken.find(({ folder }) => folder === path)?.error;
      await this.take(network, path, { signature, level }, fault);
    }
    for (const path of gone) await this.letGo(network, path, folders);
  }

  /** One adaptor's folder that has appeared or changed. */
  private async take(network: string, folder: string, now: Applied, fault?: Error): Promise<void> {
    const { holdings } = this;
    const applied = holdings.applied(network);
    const before = applied.get(folder)?.level;
    if (now.level === undefined && !fault && !adaptorFiles(folder)) {
      // A folder in which nothing of an adaptor lies yet.
      applied.set(folder, { ...now, level: before });
      return;
    }
    const level = now.level ?? before;
    // Written to again since it was looked at: the next look sees that.
    if (level === undefined && !fault) return;
    const name = itemName(network, { level, folder });
    try {
      if (fault) throw fault;
      holdings.keep(network, await holdings.call('add', network, folder));
      applied.set(folder, now);
      this.settle(network, folder);
      holdings.want(network, level!);
      this.onChange({ name, change: 'loaded' });
      if (before !== undefined && before !== level && ![...applied.values()].some((one) => one.level === before))
        await this.remove(network, before);
    } catch (error) {
      // The next engine process reads everything anew.
      if (isEngineEnd(error as Error)) throw error;
      applied.set(folder, { ...now, level: before });
      const known = loadError(name, error as Error);
      holdings.want(network, level ?? folder);
      this.settle(network, folder, { name, network, folder, level, error: known, signature: now.signature });
      this.onChange({ name, change: 'refused' });
    }
  }

  /** One adaptor's folder that is gone. */
  private async letGo(network: string, folder: string, folders: ReadonlyMap<string, string>): Promise<void> {
    const { holdings } = this;
    const applied = holdings.applied(network);
    const { level } = applied.get(folder)!;
    applied.delete(folder);
    this.settle(network, folder);
    if (level === undefined) return;
    const other = folders.get(level);
    if (other === undefined) await this.remove(network, level);
    else await this.take(network, other, { signature: applied.get(other)?.signature ?? '', level });
  }

  private async remove(network: string, level: string): Promise<void> {
    const { holdings } = this;
    holdings.unwant(network, level);
    if (holdings.loaded.get(network)!.adaptors.every((adaptor) => adaptor.level !== level)) return;
    holdings.keep(network, await holdings.call('remove', network, level));
    this.onChange({ name: `${network}:${level}`, change: 'removed' });
  }

  /** The levels at which a calibration has the base answer. */
  private async measure(network: string, { calibration }: Glance): Promise<void> {
    const { holdings } = this;
    const before = holdings.loaded.get(network)!.adaptors.map(({ level }) => level);
    // A damaged one changes nothing; it is said with each adaptor that cannot be taken by it.
    const description = await settle(() => holdings.call('refreshBases', network));
    this.calibrations.set(network, calibration);
    if (description instanceof Error) return;
    holdings.keep(network, description);
    const after = description.adaptors.map(({ level }) => level);
    for (const level of after) holdings.want(network, level);
    for (const level of before) if (!after.includes(level)) holdings.unwant(network, level);
  }

  /** What was wrong with a folder is so no more, but for what is now. */
  private settle(network: string, folder: string, problem?: Problem): void {
    const { problems } = this.holdings;
    if (problem) problems.add(problem);
    for (const other of problems.of(network)) {
      if (other.folder !== folder || other.name === problem?.name) continue;
      if (existsSync(folder)) problems.solve(other.name);
      else problems.forget(other.name);
      for (const item of [folder, other.level ?? '']) this.holdings.unwant(network, item);
    }
  }
}

function rootName(network: string, root: string): string {
  return `${network}:${basename(root)}`;
}
