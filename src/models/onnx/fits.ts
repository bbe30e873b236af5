/** How pictures come to the only size of a file: `letterbox` keeps their shape, in the middle; `corner` in the left upper corner. */
export const INPUT_FITS = ['stretch', 'letterbox', 'corner'] as const;

export type InputFit = (typeof INPUT_FITS)[number];

export function isInputFit(text: string): text is InputFit {
  return (INPUT_FITS as readonly string[]).includes(text);
}
