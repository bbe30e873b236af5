import type { EpochRecord } from '../state.js';

/** What one optimizer step came to. */
export interface StepRecord {
  /** Counted over the whole run, from 1. */
  step: number;
  /** From 1. */
  epoch: number;
  /** Of the step's batch, before the step. */
  loss: number;
  /** Its parts by name, where there are several. */
  losses?: Record<string, number>;
  learningRate: number;
  imagesPerSecond: number;
}

/** Where a run's figures go. */
export interface RunLog {
  /**
   * Called once, before the first step. A resumed run begins anew after `step` steps, and trains on what came after once more:
   * what was recorded of later steps is dropped, and of later epochs: one whose steps are all done may have its validation before it.
   *
   * @param step optimizer steps done; 0 in a run from the start
   * @param epochs epochs done, validation included
   */
  begin(step: number, epochs: number): void;
  step(record: StepRecord): void;
  /** @param step optimizer steps done at the epoch's end */
  epoch(record: EpochRecord, step: number): void;
  close(): void;
}

/** One log out of several; each gets every call. */
export function combineLogs(logs: readonly RunLog[]): RunLog {
  return {
    begin: (step, epochs) => logs.forEach((log) => log.begin(step, epochs)),
    step: (record) => logs.forEach((log) => log.step(record)),
    epoch: (record, step) => logs.forEach((log) => log.epoch(record, step)),
    close: () => logs.forEach((log) => log.close()),
  };
}
