import type { CheckpointConfig } from '../../models/checkpoint-config.js';
import type { SplitSummary } from '../../select/split-summary.js';
import type { Json } from '../graph.js';

/** Folder of a network's checkpoint within its step's. */
export const CHECKPOINT = 'checkpoint';
/** Folder of an adaptor within its step's. */
export const ADAPTOR = 'adaptor';
export const SPLIT_FILE = 'split.json';

export type BaseOutput = {
  hash: string;
  network: CheckpointConfig['network'];
  recorded: Json;
  /** Not in results of before it was part of them, whose bases had ImageNet's. */
  preprocessing?: CheckpointConfig['preprocessing'];
};

/** Of a step that made a network. */
export type NetworkOutput = { hash: string };

export type AdaptorOutput = { hash: string; parameters: number };

export type SplitOutput = { hash: string; total: number; budget: number; summary: SplitSummary };
