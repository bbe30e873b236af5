/**
 * What the sliders say.
 *
 * @typedef {object} Settings
 * @property {number} quality 1..100; NO_JPEG for none
 * @property {number} brightness a factor; 1 changes nothing
 * @property {string} [other] a level that the sliders cannot give, in their place
 */

/** The slider's last position: not compressed. */
export const NO_JPEG = 101;

/** @type {Settings} */
export const CLEAN = { quality: NO_JPEG, brightness: 1 };

/**
 * The level of some settings: first darker or brighter, then compressed, as a camera does it.
 *
 * @param {Settings} settings
 * @returns {string} `brightness=0.3+jpeg=10`, or `clean`
 */
export function levelOf({ quality, brightness, other }) {
  if (other !== undefined) return other;
  const steps = [];
  if (brightness !== 1) steps.push(`brightness=${brightness}`);
  if (quality !== NO_JPEG) steps.push(`jpeg=${quality}`);
  return steps.join('+') || 'clean';
}

/**
 * The settings that give a level; the sliders' where they can.
 *
 * @param {string} level
 * @returns {Settings}
 */
export function settingsOf(level) {
  if (level === 'clean') return CLEAN;
  const match = /^(?:brightness=([\d.]+))?\+?(?:jpeg=(\d+))?$/.exec(level);
  const settings = { brightness: Number(match?.[1] ?? 1), quality: Number(match?.[2] ?? NO_JPEG) };
  return levelOf(settings) === level ? settings : { ...CLEAN, other: level };
}

/** Qualities of a sweep, down and up again. */
const DOWN = [90, 70, 50, 40, 30, 25, 20, 16, 13, 10, 8, 6, 5, 4, 3, 2, 1];
const SWEEP = [...DOWN, ...DOWN.slice(1, -1).reverse()];

/**
 * @param {number} step counted from 0
 * @returns {number}
 */
export function sweepQuality(step) {
  return SWEEP[step % SWEEP.length] ?? NO_JPEG;
}
