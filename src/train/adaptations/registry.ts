import { fail } from '../../common/errors.js';
import { isBudget } from '../../select/budget.js';
import type { Adaptation } from './adaptation.js';
import { affine } from './affine.js';
import { learned } from './learned.js';
import { lora } from './lora.js';
import { stems } from './stems.js';
import { whole } from './whole.js';

/** A kind of adaptation that a text can name. */
interface AdaptationKind {
  /** `lora:BUDGET` */
  form: string;
  /** @returns undefined for what it cannot be made with */
  make(...settings: string[]): Adaptation | undefined;
}

/** Every adaptation that a text names, one line each; the items of a split are named by the split. */
export const ADAPTATIONS = {
  whole: { form: 'whole', make: (...rest) => (rest.length === 0 ? whole : undefined) },
  learned: { form: 'learned', make: (...rest) => (rest.length === 0 ? learned : undefined) },
  affine: { form: 'affine', make: (...rest) => (rest.length === 0 ? affine : undefined) },
  stems: { form: 'stems', make: (...rest) => (rest.length === 0 ? stems : undefined) },
  lora: {
    form: 'lora:BUDGET',
    make: (budget = '', ...rest) => (isBudget(budget) && rest.length === 0 ? lora(budget) : undefined),
  },
} satisfies Record<string, AdaptationKind>;

/** What {@link parseAdaptation} reads. */
export const ADAPTATION_FORMS = Object.values(ADAPTATIONS).map(({ form }) => form);

/**
 * Reads an adaptation: `whole`, `lora:0.2%`.
 *
 * @throws E_USAGE for another text
 */
export function parseAdaptation(text: string): Adaptation {
  const [name, ...settings] = text.split(':') as [string, ...string[]];
  const kinds = ADAPTATIONS as Record<string, AdaptationKind>;
  const adaptation = Object.hasOwn(kinds, name) ? kinds[name]!.make(...settings) : undefined;
  return adaptation ?? fail('E_USAGE', { where: 'adapt', expected: ADAPTATION_FORMS.join(', '), got: `"${text}"` });
}
