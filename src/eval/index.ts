/**
 * `gearnn/eval`. Prediction, and what it scores.
 *
 * @packageDocumentation
 */
export { evaluate, type EvaluateOptions, type Evaluation } from './evaluate.js';
export { evaluateLevels, type EvaluateLevelsOptions, type LevelRow, type Method } from './levels.js';
export { levelIntervals, type LevelInterval } from './level-intervals.js';
export { pairedInterval, type BootstrapOptions, type Interval } from './bootstrap.js';
export { scoreResults, type ResultOptions, type ResultScores } from './coco-results.js';
export { nestedScores, type NestedScores } from './nested-scores.js';
export { createPredictor, type Predictor, type PredictorOptions, type RunsDone } from './predictor.js';
export { finishRuns, type Watch } from './runs.js';
export type { TileChoice, TileMemory } from './tile-memory.js';
export type { Tiling } from './tiles.js';
