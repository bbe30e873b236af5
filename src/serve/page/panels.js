import { draw } from './canvas.js';
import { byId, percent, write } from './dom.js';
import { viewOf } from './tasks.js';

/** @typedef {import('./round.js').Round} Round */

/**
 * Draws the images and answers of a round.
 *
 * @param {Round} round
 * @param {import('./masks.js').View} view
 */
export function drawPanels(round, view) {
  draw('sent', round.original, round.picture);
  viewOf(round.network).draw(round, view);
}

/**
 * Writes the figures of a round.
 *
 * @param {Round} round
 */
export function writeFigures({ asked, sent, picture, original, adapted, originalScore, adaptedScore }) {
  const kind = sent.type.replace('image/', '').toUpperCase();
  const smaller = picture.width === original.width ? '' : `, ${picture.width} × ${picture.height}`;
  write('sent-note', `${kind}, ${(sent.size / 1024).toFixed(1)} KB${smaller}`);
  writeScore('original', originalScore);
  writeScore('adapted', adaptedScore);
  write('original-level', 'clean, whatever comes');
  write('original-latency', latency(original));
  write('adapted-level', `${adapted.level} (${[howOf(adapted, asked), adapted.reason].filter(Boolean).join('; ')})`);
  write('adapted-confidence', adapted.source === 'none' ? 'nothing to go by' : percent(adapted.confidence));
  write('adapted-latency', latency(adapted));
}

/**
 * What has to be known of the image: where it came compressed, its clean mask is not known.
 *
 * @param {Round} round
 */
export function noteOn({ asked, adapted }) {
  if (asked !== 'clean' || adapted.source !== 'detected' || adapted.level === 'clean') return '';
  return `. It is compressed as it is (${seenOf(adapted)}), so “clean” means the file as it is.`;
}

/**
 * The same in one sentence, for those who hear the page.
 *
 * @param {Round} round
 * @returns {string}
 */
export function sentenceOf({ asked, adapted, originalScore, adaptedScore }) {
  const said = `the original ${originalScore.spoken}, the adapted ${adaptedScore.spoken}`;
  return `At ${asked} ${said}, ${adapted.reason ?? `with the adaptor ${adapted.level}`}.`;
}

/**
 * @param {string} id
 * @param {import('./round.js').Score} score
 */
function writeScore(id, { agreement, note }) {
  write(`${id}-agreement`, percent(agreement));
  write(`${id}-note`, note);
  byId(`${id}-bar`, HTMLElement).style.width = `${100 * agreement}%`;
}

/** @param {import('./networks.js').Answer} answer */
function latency({ computing, roundTrip }) {
  return `${roundTrip.toFixed(0)} ms, of which ${computing.toFixed(0)} ms computing`;
}

/**
 * @param {import('./networks.js').Answer} answer
 * @param {string} asked
 */
function howOf(answer, asked) {
  if (answer.source === 'stated') return `stated as ${asked}`;
  if (answer.source === 'none') return 'no compression found';
  return `${answer.source}, read ${seenOf(answer) || 'nothing'}`;
}

/** @param {import('./networks.js').Answer} answer */
function seenOf({ seen }) {
  return Object.entries(seen)
    .map(([kind, value]) => `${kind}=${value}`)
    .join(', ');
}
