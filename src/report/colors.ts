/** A colour on a light page and on a dark one; on paper the light one unless there is a third. */
type Shades = readonly [light: string, dark: string, print?: string];

/** Colours of pages and charts, by the names that style sheets know them under. */
export const COLORS = {
  paper: ['#ffffff', '#14181d'],
  ink: ['#1b1f24', '#e4e8ec', '#000000'],
  muted: ['#5c6670', '#98a3ad', '#444c54'],
  line: ['#d9dee3', '#323a42', '#c6ccd2'],
  faint: ['#e3e7eb', '#29313a'],
  rest: ['#b4bdc6', '#5a6570'],
  panel: ['#f6f8fa', '#1b2127', '#ffffff'],
  original: ['#8a929b', '#8d97a1'],
  adaptor: ['#0072b2', '#56b4e9'],
  switching: ['#d55e00', '#f08a4b'],
  'series-a': ['#009e73', '#2fc79a'],
  'series-b': ['#cc79a7', '#e59bc5'],
  'series-c': ['#b8860b', '#e6b800'],
  'series-d': ['#56b4e9', '#3f8fd9'],
  'series-e': ['#1b1f24', '#e4e8ec', '#000000'],
  statistics: ['#0072b2', '#56b4e9'],
  normalization: ['#2ba884', '#4cc9a4'],
  convolution: ['#cc6fa4', '#dd8fbc'],
} as const satisfies Record<string, Shades>;

export type ColorName = keyof typeof COLORS;
export type Scheme = 'light' | 'dark' | 'print';

/** A colour as six digits. */
export function colorOf(name: ColorName, scheme: Scheme): string {
  const [light, dark, print = light]: Shades = COLORS[name];
  return { light, dark, print }[scheme];
}

/** All colours as variables of a style sheet: `--paper: #ffffff; ...` */
export function variablesOf(scheme: Scheme): string {
  const names = Object.keys(COLORS) as ColorName[];
  return names.map((name) => `--${name}: ${colorOf(name, scheme)};`).join(' ');
}
