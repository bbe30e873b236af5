import type { ResultRow, Results } from './results.js';

/** A method's row at a level, if it is there. */
export function rowOf({ rows }: Pick<Results, 'rows'>, of: string, level: string): ResultRow | undefined {
  return rows.find((row) => row.method === of && row.level === level);
}

/** The base's row on clean images, if it is there. */
export function cleanRowOf({ rows }: Pick<Results, 'rows'>): ResultRow | undefined {
  return rows.find(({ level }) => level === 'clean');
}

/** Name of the method that stands for a kind, if one is compared: the one that is called so, or the first. */
export function nameOf({ methods }: Pick<Results, 'methods'>, kind: string): string | undefined {
  const own = methods.filter((entry) => entry.kind === kind);
  return (own.find(({ name }) => name === kind) ?? own[0])?.name;
}
