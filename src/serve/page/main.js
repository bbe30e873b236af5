import { ApiError, hasToken, useToken } from './api.js';
import { Chart } from './chart.js';
import { Controls } from './controls.js';
import { byId, made, write } from './dom.js';
import { Loop } from './loop.js';
import { listNetworks, readNetwork } from './networks.js';
import { drawPanels, noteOn, sentenceOf, writeFigures } from './panels.js';
import { Picker } from './picker.js';
import { ask } from './round.js';
import { sourceOf } from './source.js';
import { Streams } from './streams.js';
import { showTask } from './tasks.js';

/** Milliseconds of quiet after which the result is read out. */
const QUIET = 900;

const chart = new Chart(byId('chart', HTMLCanvasElement));
const loop = new Loop(work, failed);
const streams = new Streams(() => loop.again());
const controls = new Controls(settingsChanged);
const picker = new Picker((file, name) => {
  streams.stopCamera();
  waiting = { file, name };
  loop.instead();
});

/** @type {import('./networks.js').Network | undefined} */
let network;
/** The network that was chosen; the server's first until then. */
let chosen = '';
/** An image that waits to be read. @type {{ file: Blob, name: string } | undefined} */
let waiting;
/** @type {import('./source.js').Source | undefined} */
let source;
/** @type {import('./round.js').Round | undefined} */
let shown;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let reading;

/**
 * Whatever is missing, then one round.
 *
 * @param {AbortSignal} signal
 */
async function work(signal) {
  const began = performance.now();
  const current = network ?? (await useNetwork());
  if (waiting) {
    const { file, name } = waiting;
    waiting = undefined;
    source = await sourceOf(file, name);
  }
  const frame = await streams.frame(current.side);
  if (frame) {
    source = frame;
    picker.mark('');
  }
  if (!source) return false;
  const quality = streams.nextQuality();
  if (quality !== undefined) controls.set({ quality, brightness: controls.settings.brightness });
  const { output } = controls;
  const round = await ask(current, source, controls.settings, { stream: streams.name, output, signal });
  if (signal.aborted) return false;
  show(round, source);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, streams.pace - (performance.now() - began))));
  return streams.running;
}

/**
 * The network that was chosen, with the page made ready for it; begins anew where another one is chosen while it waits.
 *
 * @returns {Promise<import('./networks.js').Network>}
 */
async function useNetwork() {
  const wanted = chosen;
  const names = await listNetworks();
  const name = names.includes(wanted) ? wanted : (names[0] ?? '');
  const read = await readNetwork(name);
  if (chosen !== wanted) return useNetwork();
  controls.offer(names, read);
  write('network', `${read.kind} “${name}”`);
  showTask(read);
  byId('legend', HTMLElement).replaceChildren(...read.classes.map(legendEntry));
  chart.offer(read.levels);
  const first = await picker.offer(name);
  if (chosen !== wanted) return useNetwork();
  if (!source) waiting ??= first;
  network = read;
  return read;
}

/**
 * @param {import('./round.js').Round} round
 * @param {import('./source.js').Source} of
 */
function show(round, of) {
  tell('');
  shown?.picture.close();
  shown = round;
  write('source-note', of.note + noteOn(round));
  drawPanels(round, controls.view);
  writeFigures(round);
  const { level, roundTrip, computing } = round.adapted;
  chart.add({ time: performance.now(), level, roundTrip, computing });
  clearTimeout(reading);
  // A stream would talk without end.
  if (!streams.running) reading = setTimeout(() => write('summary', sentenceOf(round)), QUIET);
}

/** @param {string} message */
function tell(message) {
  write('message', message);
}

/**
 * @param {string} message
 * @param {unknown} error
 */
function failed(message, error) {
  tell(message);
  const { status, code, passes } = error instanceof ApiError ? error : new ApiError(-1, '', message, 0);
  if (status === 401) {
    if (hasToken()) tell('The server does not take this token.');
    byId('token-form', HTMLElement).hidden = false;
    byId('token', HTMLElement).focus();
    return;
  }
  // Who comes back may be another server, and a network that is gone leaves others.
  if (status === 0 || code === 'E_SERVE_MODEL') {
    if (network && status !== 0) loop.again();
    network = undefined;
    source?.references.clear();
  } else if (!passes) streams.stop();
}

/** @param {'slider' | 'view' | 'output'} what */
function settingsChanged(what) {
  if (what === 'slider') {
    streams.stopSweep();
    loop.again();
  } else if (what === 'output') loop.again();
  else if (shown) drawPanels(shown, controls.view);
}

/** @param {{ name: string, color: [number, number, number] }} entry */
function legendEntry({ name, color }) {
  const item = made('li', name);
  const swatch = document.createElement('i');
  swatch.style.background = `rgb(${color.join(' ')})`;
  item.prepend(swatch);
  return item;
}

byId('networks', HTMLSelectElement).addEventListener('change', (event) => {
  chosen = /** @type {HTMLSelectElement} */ (event.target).value;
  network = undefined;
  loop.instead();
});
byId('token-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  useToken(byId('token', HTMLInputElement).value.trim());
  byId('token-form', HTMLElement).hidden = true;
  loop.again();
});
document.addEventListener('visibilitychange', () => loop.again());
// What has been drawn moves on while nothing new comes.
setInterval(() => document.visibilityState === 'visible' && chart.draw(), 1000);

loop.again();
void loop.run();
