/** Images that a response is measured on: as they are, or distorted at the level. */
export const INPUTS = ['clean', 'distorted'] as const;
export type Input = (typeof INPUTS)[number];
