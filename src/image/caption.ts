import { eachPixel } from './each-pixel.js';
import type { Pixels } from './pixels.js';

const [WIDE, TALL] = [5, 7];
/** Rows of a picture to one row of the letters. */
const ROWS = 180;
const BOX_SHARE = 0.35;

/** Letters of 5x7 dots, column by column, the lowest bit on top. A font of the system's would differ, or lack, from machine to machine. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{
    '%': '2313086462',
    '+': '08083e0808',
    '-': '0808080808',
    '.': '0000606000',
    '/': '2010080402',
    ':': '0036360000',
  },
  ...{
    '=': '1414141414',
    '0': '3e5149453e',
    '1': '00427f4000',
    '2': '4261514946',
    '3': '2141454b31',
    '4': '1814127f10',
  },
  ...{ '5': '2745454539', '6': '3c4a494930', '7': '0171090503', '8': '3649494936', '9': '064949291e', a: '2054545478' },
  ...{ b: '7f48444438', c: '3844444420', d: '384444487f', e: '3854545418', f: '087e090102', g: '0c5252523e' },
  ...{ h: '7f08040478', i: '00447d4000', j: '2040443d00', k: '7f10284400', l: '00417f4000', m: '7c04180478' },
  ...{ n: '7c08040478', o: '3844444438', p: '7c14141408', q: '081414187c', r: '7c08040408', s: '4854545420' },
  ...{
    t: '043f444020',
    u: '3c4040207c',
    v: '1c2040201c',
    w: '3c4030403c',
    x: '4428102844',
    y: '0c5050503c',
    z: '4464544c44',
  },
};

/**
 * Writes a line into the upper left corner of a picture: white on a darkened box, in letters that grow with the picture.
 *
 * @param pixels three channels; changed in place
 * @param text small letters, digits and `% + - . / : =`; anything else is a gap
 */
export function drawCaption(pixels: Pixels, text: string): void {
  const dot = Math.max(1, Math.round(pixels.height / ROWS));
  const margin = 3 * dot;
  drawText(pixels, text, { x: margin, y: margin, dot, margin });
}

/** Dots across and down that a line of {@link drawText} takes with its usual margin. */
export function textDots(text: string): { width: number; height: number } {
  return { width: text.length * (WIDE + 1) + 1, height: TALL + 2 };
}

/**
 * Writes a line on a darkened box whose left upper corner is stated.
 *
 * @param pixels three channels; changed in place
 * @param dot pixels of each of a letter's dots
 * @param margin pixels around the letters. Default: a dot
 */
export function drawText(
  pixels: Pixels,
  text: string,
  { x, y, dot, margin = dot }: { x: number; y: number; dot: number; margin?: number },
): void {
  const width = (text.length * (WIDE + 1) - 1) * dot;
  darken(pixels, x, y, width + 2 * margin, TALL * dot + 2 * margin);
  [...text.toLowerCase()].forEach((letter, i) => {
    const columns = Buffer.from(LETTERS[letter] ?? '', 'hex');
    columns.forEach((bits, column) => {
      const left = x + margin + (i * (WIDE + 1) + column) * dot;
      for (let row = 0; row < TALL; row++) if ((bits >> row) & 1) fill(pixels, left, y + margin + row * dot, dot);
    });
  });
}

function darken(pixels: Pixels, x: number, y: number, width: number, height: number): void {
  eachPixel(pixels, { x, y, width, height }, (at) => {
    for (let c = at; c < at + 3; c++) pixels.data[c] = pixels.data[c]! * BOX_SHARE;
  });
}

function fill(pixels: Pixels, x: number, y: number, side: number): void {
  eachPixel(pixels, { x, y, width: side, height: side }, (at) => pixels.data.fill(255, at, at + 3));
}
