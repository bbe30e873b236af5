/**
 * `gearnn/adapt`. From a network and pictures without labels to adaptors that are worth having.
 *
 * @packageDocumentation
 */
export { adapt } from './adapt.js';
export { plan, type PlanOptions, type PlanOutcome } from './plan.js';
export type { BudgetPoint, LevelBudgets } from './budget-curve.js';
export { calibrate } from './calibrate.js';
export type { CalibrateOptions, CalibrateOutcome } from './calibrate-options.js';
export { collectFrames, type Collected, type CollectOptions } from './camera/collect.js';
export type { AdaptOptions, AdaptOutcome, AdaptRow } from './options.js';
export type { Way } from './ways.js';
