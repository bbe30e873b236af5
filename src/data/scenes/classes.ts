/** The ids of `datasets/scenes.json`. */
export const CLASS = {
  road: 0,
  pavement: 1,
  grass: 2,
  building: 3,
  fence: 4,
  tree: 5,
  sky: 6,
  car: 7,
  person: 8,
  sign: 9,
  pole: 10,
} as const;
