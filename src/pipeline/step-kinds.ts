/** Kinds of steps that train a network beside the base: they are named as addresses name them. */
export const TRAINING_KINDS = ['full', 'mixed', 'stability', 'adaptor', 'learned', 'affine', 'stems', 'lora'] as const;

/** Every kind of step that experiments have. */
export const STEP_KINDS = [
  'base',
  'distort',
  'evaluate',
  'statistics',
  'gradients',
  'split',
  'share',
  'trial',
  'rate',
  'keep',
  'frequency',
  'alternate',
  'frames',
  ...TRAINING_KINDS,
] as const;

export type StepKind = (typeof STEP_KINDS)[number];
