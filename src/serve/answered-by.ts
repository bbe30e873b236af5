import type { Served } from '../adaptor/serving.js';
import { CLEAN } from '../distort/level.js';
import { type Inference, versionOf } from './inference.js';

/** Which files answer at each level, and why, where they are not those of the level's own adaptor. */
export class AnsweredBy {
  private readonly reasons = new Map<string, string>();
  private readonly versions = new Map<string, string>();
  /** Version of the base, which answers wherever nothing else does. */
  readonly base: string;

  /** @param hash of the base */
  constructor(hash: string) {
    this.base = versionOf(hash);
  }

  set({ level, adaptor, share, reason }: Served): void {
    this.delete(level);
    if (adaptor) this.versions.set(level, versionOf(adaptor.hash, share));
    if (reason !== undefined) this.reasons.set(level, reason);
  }

  delete(level: string): void {
    this.reasons.delete(level);
    this.versions.delete(level);
  }

  versionAt(level: string): string {
    return this.versions.get(level) ?? this.base;
  }

  /** What an answer says of a frame of that level; null for the base. */
  at(level: string | null): Pick<Inference, 'level' | 'version' | 'reason'> {
    if (level === null) return { level: CLEAN.text, version: this.base };
    const reason = this.reasons.get(level);
    const answering = this.versions.has(level) ? level : CLEAN.text;
    return { level: answering, version: this.versionAt(level), ...(reason !== undefined && { reason }) };
  }
}
