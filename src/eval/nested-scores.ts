/** Scores as they are written: `{ "bbox.AP": .5 }` becomes `{ "bbox": { "AP": .5 } }`. */
export type NestedScores = Record<string, number | Record<string, number>>;

/**
 * Scores whose names have two parts by the first of them, with -1 in place of NaN there, as pycocotools says where there is nothing to find; others
 * stay as they are.
 */
export function nestedScores(scores: Readonly<Record<string, number>>): NestedScores {
  const nested: NestedScores = {};
  for (const [name, value] of Object.entries(scores)) {
    const [kind, own] = name.split('.') as [string, string?];
    if (own === undefined) nested[name] = value;
    else
      nested[kind] = {
        ...(nested[kind] as Record<string, number> | undefined),
        [own]: Number.isNaN(value) ? -1 : value,
      };
  }
  return nested;
}
