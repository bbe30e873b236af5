import { drawingOf } from './dom.js';

/** Milliseconds that the chart looks back. */
const SPAN = 60_000;
/** Answers further apart belong to no one line. */
const GAP = 3000;

/**
 * @typedef {object} Point
 * @property {number} time milliseconds, as performance.now() has it
 * @property {string} level
 * @property {number} roundTrip milliseconds
 * @property {number} computing milliseconds
 */

/** Level and latency of the answers of the last minute, one above the other. */
export class Chart {
  /** @type {Point[]} */
  #points = [];
  /** @type {string[]} */
  #levels = ['clean'];
  #canvas;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  /**
   * Takes the levels of a network as rows; begins anew where they are others than before.
   *
   * @param {readonly string[]} levels
   */
  offer(levels) {
    const byNumber = new Intl.Collator('en', { numeric: true });
    const rows = ['clean', ...[...levels].sort((a, b) => byNumber.compare(b, a))];
    if (rows.join() === this.#levels.join()) return;
    this.#points = [];
    this.#levels = rows;
    this.draw();
  }

  /** @param {Point} point */
  add(point) {
    this.#points.push(point);
    if (!this.#levels.includes(point.level)) this.#levels.push(point.level);
    this.draw();
  }

  draw() {
    const now = performance.now();
    this.#points = this.#points.filter(({ time }) => now - time < SPAN);
    const canvas = this.#canvas;
    const scale = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (width === 0) return;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    const drawing = drawingOf(canvas);
    drawing.setTransform(scale, 0, 0, scale, 0, 0);
    drawing.clearRect(0, 0, width, height);
    drawing.font = '12px system-ui, sans-serif';
    drawing.textBaseline = 'middle';
    const style = getComputedStyle(canvas);
    const colors = { ink: style.color, line: style.borderTopColor, accent: style.outlineColor };
    const left = 8 + Math.max(...this.#levels.map((level) => drawing.measureText(level).width));
    const x = (/** @type {number} */ time) => width - 8 - ((now - time) / SPAN) * (width - left - 16);
    const middle = Math.round(height * 0.55);
    this.#drawLevels(drawing, { x, left, width, top: 10, bottom: middle - 14, colors });
    this.#drawLatency(drawing, { x, left, width, top: middle + 14, bottom: height - 22, colors });
    drawing.fillStyle = colors.ink;
    drawing.textAlign = 'left';
    drawing.fillText('60 s ago', left + 8, height - 8);
    drawing.textAlign = 'right';
    drawing.fillText('now', width - 8, height - 8);
    this.#describe();
  }

  /**
   * @param {CanvasRenderingContext2D} drawing
   * @param {Area} area
   */
  #drawLevels(drawing, { x, left, width, top, bottom, colors }) {
    const step = (bottom - top) / Math.max(1, this.#levels.length - 1);
    const y = (/** @type {string} */ level) => top + step * this.#levels.indexOf(level);
    for (const level of this.#levels) {
      rule(drawing, left + 8, width - 8, y(level), colors.line);
      drawing.fillStyle = colors.ink;
      drawing.textAlign = 'right';
      drawing.fillText(level, left, y(level));
    }
    drawing.fillStyle = colors.accent;
    for (const { time, level } of this.#points) drawing.fillRect(x(time) - 1.5, y(level) - 3, 3, 6);
  }

  /**
   * @param {CanvasRenderingContext2D} drawing
   * @param {Area} area
   */
  #drawLatency(drawing, { x, left, width, top, bottom, colors }) {
    const most = roundUp(Math.max(10, ...this.#points.map(({ roundTrip }) => roundTrip)));
    const y = (/** @type {number} */ value) => bottom - ((bottom - top) * value) / most;
    for (const value of [0, most]) {
      rule(drawing, left + 8, width - 8, y(value), colors.line);
      drawing.fillStyle = colors.ink;
      drawing.textAlign = 'right';
      drawing.fillText(`${value} ms`, left, y(value));
    }
    const series = /** @type {const} */ ([
      ['computing', colors.ink],
      ['roundTrip', colors.accent],
    ]);
    for (const [field, color] of series) {
      drawing.strokeStyle = color;
      drawing.lineWidth = 1.5;
      drawing.beginPath();
      this.#points.forEach((point, i) => {
        const before = this.#points[i - 1];
        if (!before || point.time - before.time > GAP) drawing.moveTo(x(point.time) - 1.5, y(point[field]));
        drawing.lineTo(x(point.time), y(point[field]));
      });
      drawing.stroke();
    }
  }

  #describe() {
    const last = this.#points.at(-1);
    const text = last
      ? `${this.#points.length} answers; the last at ${last.level}, after ${last.roundTrip.toFixed(0)} ms`
      : 'nothing yet';
    this.#canvas.setAttribute('aria-label', `Level and latency of the last minute: ${text}`);
  }
}

/**
 * @typedef {object} Area
 * @property {(time: number) => number} x
 * @property {number} left
 * @property {number} width
 * @property {number} top
 * @property {number} bottom
 * @property {{ ink: string, line: string, accent: string }} colors
 */

/**
 * @param {CanvasRenderingContext2D} drawing
 * @param {number} from
 * @param {number} to
 * @param {number} y
 * @param {string} color
 */
function rule(drawing, from, to, y, color) {
  drawing.fillStyle = color;
  drawing.fillRect(from, Math.round(y), to - from, 1);
}

/**
 * The next of 10, 20, 50, 100, ...
 *
 * @param {number} value
 */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
