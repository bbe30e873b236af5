import { fail } from '../common/errors.js';
import type { StepValue } from '../distort/step.js';
import type { Size } from '../distort/detect/resolution.js';
import { distance, placeOf, type Place } from '../distort/detect/scales.js';
import type { Observations } from '../distort/detect/stream.js';
import { CLEAN, parseLevel, type Level } from '../distort/level.js';
import type { LevelSource } from './inference.js';

/** Which level a frame gets. */
export interface TrackedLevel {
  /** One of the candidates; null for the base. */
  level: string | null;
  /** 0..1; 1 where it was stated, 0 where nothing is known. */
  confidence: number;
  how: LevelSource;
  /** What was read from the frame, by kind. */
  known: Readonly<Record<string, StepValue>>;
}

/** One entry of a tracker's log. */
export interface LevelChange {
  /** The frame from which on it holds, counted from 0. */
  frame: number;
  from: string | null;
  to: string | null;
  /** `jpeg=12`, what was seen; or `stated`, `removed`, `nothing known`. */
  why: string;
}

export interface LevelTrackerOptions {
  /** Candidates beside clean, which always is one: texts that `parseLevel` reads, or levels. */
  levels?: Iterable<string | Level>;
  /** The size of an undistorted frame, which resolutions are compared with. */
  size?: Size;
  /** How far past the middle between two levels a value must lie to change level, 0..0.5 of the way between them. Default: 0.1. */
  hysteresis?: number;
  /** For how many frames of which nothing is known the last level is held. Default: 30. */
  hold?: number;
  /** Entries of the log that are kept. Default: 256. */
  logLength?: number;
}

interface Candidate {
  text: string;
  kinds: string[];
  place: Place;
}

/** Chooses the level of every frame of one stream: the nearest of its candidates to what was seen of the frame. */
export class LevelTracker {
  private readonly candidates = new Map<string, Candidate>();
  private readonly changes: LevelChange[] = [];
  private readonly options: { size?: Size; hysteresis: number; hold: number; logLength: number };
  /** What the next frame is compared with; undefined before anything was detected, and after a statement. */
  private current: { candidate: Candidate; confidence: number } | undefined;
  private override: Level | undefined;
  private answered: string | null = null;
  private frame = 0;
  private unknownFrames = 0;

  constructor({ levels = [], size, hysteresis = 0.1, hold = 30, logLength = 256 }: LevelTrackerOptions = {}) {
    this.options = { size, hysteresis, hold, logLength };
    this.candidates.set(CLEAN.text, this.candidate(CLEAN));
    for (const level of levels) this.add(level);
  }

  /** The candidates beside clean, in the order they came. */
  get levels(): string[] {
    return [...this.candidates.keys()].filter((text) => text !== CLEAN.text);
  }

  /** The last changes, the oldest first. */
  get log(): readonly LevelChange[] {
    return this.changes;
  }

  /**
   * Takes a candidate in, from the next frame on; one that is there already stays.
   *
   * @throws E_DISTORT_LEVEL if a text is no level
   */
  add(level: string | Level): void {
    const read = asLevel(level);
    if (!this.candidates.has(read.text)) this.candidates.set(read.text, this.candidate(read));
  }

  /** Takes a candidate out; a stream that is at it goes to the nearest of the others with its next frame. */
  remove(level: string | Level): void {
    const { text } = asLevel(level);
    if (text === CLEAN.text || !this.candidates.delete(text)) return;
    if (this.override && !this.nearestTo(this.override)) this.override = undefined;
    if (this.current?.candidate.text === text) this.current = undefined;
    if (this.answered === text) this.note(null, 'removed');
  }

  /**
   * Sets the level of all frames to come, whatever they show; null lets them show it again.
   *
   * @throws E_DISTORT_LEVEL if it is no level, E_ADAPTOR_LEVEL if no candidate is near it
   */
  state(level: string | Level | null): void {
    const stated = level === null ? undefined : asLevel(level);
    if (stated) this.reachable(stated);
    this.override = stated;
    this.current = undefined;
  }

  /**
   * The level of the next frame.
   *
   * @param seen what was read from the frame; what has confidence 0 counts as unknown
   * @param stated the level of this frame alone, where it is known
   * @throws E_DISTORT_LEVEL, E_ADAPTOR_LEVEL as {@link state} does; the frame is not counted then
   */
  next(seen: Observations, stated?: string | Level): TrackedLevel {
    const said = stated === undefined ? this.override : asLevel(stated);
    const kinds = Object.keys(seen).filter((kind) => seen[kind]!.confidence > 0);
    const known = Object.fromEntries(kinds.map((kind) => [kind, seen[kind]!.value]));
    const { candidate, confidence, how, why } = said
      ? this.statedLevel(this.reachable(said))
      : this.detect(seen, kinds);
    const level = candidate.text === CLEAN.text ? null : candidate.text;
    if (level !== this.answered) this.note(level, why);
    this.frame++;
    return { level, confidence, how, known };
  }

  private statedLevel(candidate: Candidate) {
    this.current = undefined;
    return { candidate, confidence: 1, how: 'stated' as const, why: 'stated' };
  }

  private detect(seen: Observations, kinds: string[]) {
    const all = [...this.candidates.values()];
    const telling = kinds.filter((kind) => all.some((candidate) => candidate.kinds.includes(kind)));
    if (telling.length === 0) return this.hold();
    this.unknownFrames = 0;
    const steps = telling.map((kind) => ({ kind, value: seen[kind]!.value }));
    const place = placeOf(steps, this.options.size);
    const why = steps.map(({ kind, value }) => `${kind}=${value}`).join(' ');
    const confidence = Math.min(...telling.map((kind) => seen[kind]!.confidence));

    const possible = all.filter((candidate) => candidate.kinds.every((kind) => telling.includes(kind)));
    const apart = (candidate: Candidate): number => distance(candidate.place, place, telling);
    const nearest = closest(possible, apart);
    if (!nearest) return this.hold();
    const last = this.current?.candidate;
    const held = last && last !== nearest && possible.includes(last) && this.isNear(last, nearest, apart, telling);
    const candidate = held ? last : nearest;
    this.current = { candidate, confidence };
    return { candidate, confidence, how: held ? ('held' as const) : ('detected' as const), why };
  }

  /** Whether a frame lies so near the middle between two levels that the first is kept. */
  private isNear(last: Candidate, nearest: Candidate, apart: (of: Candidate) => number, kinds: string[]): boolean {
    const gap = distance(last.place, nearest.place, kinds);
    // On the line between them, the difference of the distances is twice the way past the middle.
    return apart(last) - apart(nearest) <= 2 * this.options.hysteresis * gap;
  }

  /** Nothing is known of the frame. */
  private hold() {
    if (++this.unknownFrames > this.options.hold) this.current = undefined;
    if (this.current) return { ...this.current, how: 'held' as const, why: 'nothing known' };
    const candidate = this.candidates.get(CLEAN.text)!;
    return { candidate, confidence: 0, how: 'none' as const, why: 'nothing known' };
  }

  /** The candidate for a stated level, of which every kind is known: what it does not name is clean. */
  private nearestTo(level: Level): Candidate | undefined {
    // Others may lie at the same place: the original size where clean does.
    const same = this.candidates.get(level.text);
    if (same) return same;
    const place = placeOf(level.steps, this.options.size);
    const all = [...this.candidates.values()];
    const kinds = new Set([...place.keys(), ...all.flatMap((candidate) => candidate.kinds)]);
    return closest(all, (candidate) => distance(candidate.place, place, kinds));
  }

  private reachable(level: Level): Candidate {
    return (
      this.nearestTo(level) ??
      fail('E_ADAPTOR_LEVEL', {
        where: 'level',
        expected: `a level near one of ${[...this.candidates.keys()].join(', ')}`,
        got: level.text,
        todo: 'State one of these, or load an adaptor for the level.',
      })
    );
  }

  private candidate({ text, steps }: Level): Candidate {
    const place = placeOf(steps, this.options.size);
    return { text, place, kinds: [...place.keys()] };
  }

  private note(to: string | null, why: string): void {
    this.changes.push({ frame: this.frame, from: this.answered, to, why });
    if (this.changes.length > this.options.logLength) this.changes.shift();
    this.answered = to;
  }
}

const asLevel = (level: string | Level): Level => (typeof level === 'string' ? parseLevel(level) : level);

/** The nearest of some, none where all are infinitely far; of two at the same distance the first, so clean before others. */
function closest(candidates: readonly Candidate[], apart: (candidate: Candidate) => number): Candidate | undefined {
  let found: Candidate | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const now = apart(candidate);
    if (now < least) [found, least] = [candidate, now];
  }
  return found;
}
