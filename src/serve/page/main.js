import { ApiError, useToken } from './api.js';
import { Camera, cameraHindrance } from './camera.js';
import { Chart } from './chart.js';
import { Controls } from './controls.js';
import { byId, drawingOf, made, write } from './dom.js';
import { sweepQuality } from './levels.js';
import { Loop } from './loop.js';
import { listNetworks, readNetwork } from './networks.js';
import { drawPanels, sentenceOf, writeFigures } from './panels.js';
import { ask } from './round.js';
import { loadSample, SAMPLES, sourceOf } from './source.js';

/** @typedef {import('./round.js').Round} Round */

/** Milliseconds that a sweep stays at each quality; longer for those who asked for less motion. */
const pace = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 1500 : 250);

/** Milliseconds of quiet after which the result is read out. */
const QUIET = 900;

const controls = new Controls(settingsChanged);
const chart = new Chart(byId('chart', HTMLCanvasElement));
const loop = new Loop(work, say);

/** @type {import('./networks.js').Network | undefined} */
let network;
/** The network that was chosen; the server's first until then. */
let chosen = '';
/** @type {import('./source.js').Source | undefined} */
let source;
/** A file that waits to be read. @type {{ file: Blob, name: string } | undefined} */
let dropped;
/** @type {Camera | undefined} */
let camera;
/** Step of the running sweep. @type {number | undefined} */
let sweep;
/** Name of the running stream, so that the server tracks its level. @type {string | undefined} */
let stream;
/** @type {Round | undefined} */
let shown;

/**
 * Whatever is missing, then one round.
 *
 * @param {AbortSignal} signal
 */
async function work(signal) {
  if (!network) await useNetwork();
  const current = network;
  if (!current) return false;
  if (dropped) {
    const { file, name } = dropped;
    dropped = undefined;
    source = await sourceOf(file, name);
  }
  if (camera) source = await camera.frame(current.side);
  if (!source) source = await sourceOf(await loadSample(0, current.name), 'Drawn street 1');
  const began = performance.now();
  if (sweep !== undefined) controls.set({ ...controls.settings, quality: sweepQuality(sweep++) });
  const round = await ask(current, source, controls.settings, { stream, signal });
  if (signal.aborted) return false;
  show(round);
  if (sweep !== undefined && !camera) await sleep(pace() - (performance.now() - began));
  return isStreaming();
}

/** Whether frames follow each other by themselves; not in a tab that nobody sees. */
function isStreaming() {
  return (camera !== undefined || sweep !== undefined) && document.visibilityState === 'visible';
}

async function useNetwork() {
  const names = await listNetworks();
  const name = names.includes(chosen) ? chosen : (names[0] ?? '');
  const read = await readNetwork(name);
  controls.offer(names, read);
  write('network', `${read.kind} “${name}”: one network, an adaptor per level`);
  byId('legend', HTMLElement).replaceChildren(...read.classes.map(legendEntry));
  const samples = await Promise.all(Array.from({ length: SAMPLES }, (_, i) => sampleButton(i, name)));
  byId('samples', HTMLElement).replaceChildren(...samples);
  chart.reset(read.levels);
  network = read;
}

/** @param {Round} round */
function show(round) {
  say('');
  shown?.picture.close();
  shown = round;
  write('source-note', source?.note ?? '');
  drawPanels(round, controls.view);
  writeFigures(round);
  const { level, roundTrip, computing } = round.adapted;
  chart.add({ time: performance.now(), level, roundTrip, computing });
  readOut(round);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let reading;

/** @param {Round} round */
function readOut(round) {
  clearTimeout(reading);
  if (!isStreaming()) reading = setTimeout(() => write('summary', sentenceOf(round)), QUIET);
}

/**
 * @param {string} message
 * @param {unknown} [error]
 */
function say(message, error) {
  write('message', message);
  if (!(error instanceof ApiError)) return;
  if (error.status === 401) byId('token-form', HTMLElement).hidden = false;
  // The network is gone: look for what there is.
  if (error.code === 'E_SERVE_MODEL' && network) {
    network = undefined;
    loop.again();
  }
}

/** @param {'slider' | 'view'} what */
function settingsChanged(what) {
  if (what === 'slider') {
    stopSweep();
    loop.again();
  } else if (shown) drawPanels(shown, controls.view);
}

/**
 * @param {Blob} file
 * @param {string} name
 */
function use(file, name) {
  stopCamera();
  dropped = { file, name };
  loop.instead();
}

/**
 * @param {number} index
 * @param {string} model
 */
async function sampleButton(index, model) {
  const blob = await loadSample(index, model);
  const picture = await createImageBitmap(blob);
  const button = document.createElement('button');
  button.type = 'button';
  button.setAttribute('aria-label', `Drawn street ${index + 1}`);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [picture.width, picture.height];
  drawingOf(canvas).drawImage(picture, 0, 0);
  button.append(canvas);
  button.addEventListener('click', () => use(blob, `Drawn street ${index + 1}`));
  return button;
}

/** @param {{ name: string, color: [number, number, number] }} entry */
function legendEntry({ name, color }) {
  const item = made('li', name);
  const swatch = document.createElement('i');
  swatch.style.background = `rgb(${color.join(' ')})`;
  item.prepend(swatch);
  return item;
}

function streamChanged() {
  byId('camera', HTMLElement).setAttribute('aria-pressed', String(camera !== undefined));
  byId('sweep', HTMLElement).setAttribute('aria-pressed', String(sweep !== undefined));
  write('camera', camera ? 'Stop the webcam' : 'Webcam');
  write('sweep', sweep === undefined ? 'Sweep the quality' : 'Stop the sweep');
  stream = camera || sweep !== undefined ? (stream ?? `page ${Math.random().toString(36).slice(2)}`) : undefined;
}

function stopSweep() {
  sweep = undefined;
  streamChanged();
}

function stopCamera() {
  camera?.stop();
  camera = undefined;
  streamChanged();
}

async function toggleCamera() {
  if (camera) return stopCamera();
  try {
    camera = await Camera.start(() => {
      stopCamera();
      say('The camera was unplugged or taken away.');
    });
    streamChanged();
    loop.instead();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

/** @param {number} milliseconds */
function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}

byId('camera', HTMLElement).addEventListener('click', () => void toggleCamera());
byId('sweep', HTMLElement).addEventListener('click', () => {
  sweep = sweep === undefined ? 0 : undefined;
  streamChanged();
  loop.again();
});
byId('networks', HTMLSelectElement).addEventListener('change', (event) => {
  chosen = /** @type {HTMLSelectElement} */ (event.target).value;
  network = undefined;
  loop.instead();
});
byId('file', HTMLInputElement).addEventListener('change', (event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const file = input.files?.[0];
  if (file) use(file, file.name);
  // So that the same file can be chosen again.
  input.value = '';
});
addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('dragging');
});
addEventListener('dragleave', () => document.body.classList.remove('dragging'));
addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dragging');
  const file = event.dataTransfer?.files[0];
  if (file) use(file, file.name);
});
addEventListener('paste', (event) => {
  const file = event.clipboardData?.files[0];
  if (file) use(file, file.name || 'Pasted image');
});
document.addEventListener('visibilitychange', () => loop.again());
byId('token-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  useToken(byId('token', HTMLInputElement).value.trim());
  byId('token-form', HTMLElement).hidden = true;
  loop.again();
});
// What has been drawn moves on while nothing new comes.
setInterval(() => chart.moving && document.visibilityState === 'visible' && chart.draw(), 1000);

const hindrance = cameraHindrance();
if (hindrance) {
  byId('camera', HTMLButtonElement).disabled = true;
  write('camera-note', hindrance);
}
loop.again();
void loop.run();
