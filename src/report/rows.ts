import type { MethodInfo, ResultRow, Results } from './schema.js';

/** A method's row at a level, if it is there. */
export function rowOf<Row extends Pick<ResultRow, 'method' | 'level'>>(
  { rows }: { rows: readonly Row[] },
  of: string,
  level: string,
): Row | undefined {
  return rows.find((row) => row.method === of && row.level === level);
}

/** The score of a row's primary metric; undefined where there is no row, null where the row has no score. */
export function primaryScore(row: Pick<ResultRow, 'scores' | 'primary'> | undefined): number | null | undefined {
  return row?.scores[row.primary];
}

/** A method's primary score at a level, likewise. */
export function scoreOf(results: Pick<Results, 'rows'>, method: string, level: string): number | null | undefined {
  return primaryScore(rowOf(results, method, level));
}

/** The base's row on clean images, if it is there. */
export function cleanRowOf({ rows }: Pick<Results, 'rows'>): ResultRow | undefined {
  return rows.find(({ level }) => level === 'clean');
}

/** Name of the method that stands for a kind, if one is compared: the one that is called so, or the first. */
export function nameOf({ methods }: { methods: readonly MethodInfo[] }, kind: string): string | undefined {
  const own = methods.filter((entry) => entry.kind === kind);
  return (own.find(({ name }) => name === kind) ?? own[0])?.name;
}
