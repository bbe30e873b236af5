/**
 * What a normalization normalizes by. `running`: its running statistics, as at inference. `batch`: the batch's, which also move the running
 * ones. `sum`: the batch's, which are added to the running ones instead.
 */
export type Statistics = 'batch' | 'sum' | 'running';
