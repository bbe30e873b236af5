import type { LevelRow } from '../src/eval/levels.js';
import type { MemoryRow } from '../src/select/memory.js';

/** A row with lists of numbers, as JSON has them, and scores of two parts by the first of them. */
export function plainRow(
  { classScores, scores, ...row }: LevelRow,
  nestedScores: typeof import('../src/eval/nested-scores.js').nestedScores,
): Record<string, unknown> {
  const lists = Object.fromEntries(Object.entries(classScores).map(([name, values]) => [name, [...values]]));
  const flat = Object.fromEntries(Object.entries(row).filter(([name]) => !name.includes('.')));
  return { ...flat, ...lists, scores: nestedScores(scores), classScores: lists, counts: undefined };
}

/** What the methods that were scored keep resident, by the paper's arithmetic. */
export async function memoryOf(rows: LevelRow[]): Promise<MemoryRow[]> {
  const { memoryTable } = await import('../src/select/memory.js');
  const total = rows.find(({ method }) => method === 'original')!.parameters;
  const adapted = rows
    .filter((row) => row.method === 'adaptor')
    .map((row) => [row.level, row.parameters - total] as const);
  // Where the base answers in an adaptor's place there is none.
  const sizes = new Map(adapted.filter(([, size]) => size > 0));
  const tuned = new Set(rows.filter(({ method }) => method === 'switching').map(({ level }) => level));
  const [original, adaptors] = memoryTable(total, [
    { name: 'original', resident: 'network', levels: 1 },
    { name: 'adaptor', resident: 'adaptors', levels: sizes.size, sizes: [...sizes.values()] },
  ]);
  const switching = memoryTable(total, [{ name: 'switching', resident: 'networks', levels: tuned.size }]);
  return [original!, ...(adapted.length > 0 ? [adaptors!] : []), ...(tuned.size > 0 ? switching : [])];
}
