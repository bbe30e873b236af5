/** How adaptors of several sizes do at a level, on pictures that none was trained on. */
export interface LevelBudgets {
  level: string;
  /** The network's own score there. */
  base: number;
  /** The score of the whole network, fine-tuned for the level as long as the adaptors. */
  whole: number;
  /** Whether the whole network's fine-tune or an adaptor of the middle size surely helps: else the level needs no adaptor, and no other was trained. */
  needed: boolean;
  points: { budget: string; parameters: number; score: number }[];
}

/** What adaptors of one size come to over all levels that need one. */
export interface BudgetPoint {
  budget: string;
  /** Of the largest of its adaptors. */
  parameters: number;
  /** Of what can be won back: 0..1. */
  share: number;
}

/** What a level can win at most: by the whole network, or by the adaptor that does best. */
function recoverable({ base, whole, points }: LevelBudgets): number {
  return Math.max(whole, ...points.map(({ score }) => score)) - base;
}

/**
 * The share of what can be won back that adaptors of each size win, over the levels that need one. A level at which an adaptor loses counts as nothing won, as
 * the base answers there.
 *
 * @returns in the order of the first level's points; empty where no level needs an adaptor
 */
export function budgetCurve(rows: readonly LevelBudgets[]): BudgetPoint[] {
  const needing = rows.filter(({ needed }) => needed);
  const all = needing.reduce((sum, row) => sum + recoverable(row), 0);
  return (needing[0]?.points ?? []).map(({ budget }) => {
    const own = needing.map(({ base, points }) => ({ base, ...points.find((point) => point.budget === budget)! }));
    return {
      budget,
      parameters: Math.max(...own.map(({ parameters }) => parameters)),
      share: own.reduce((sum, { base, score }) => sum + Math.max(0, score - base), 0) / all,
    };
  });
}

/** The smallest size that wins at least a share back; undefined where none does. */
export function smallestBudget(curve: readonly BudgetPoint[], target: number): BudgetPoint | undefined {
  return [...curve].sort((a, b) => a.parameters - b.parameters).find(({ share }) => share >= target);
}
