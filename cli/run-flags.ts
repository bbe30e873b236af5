/** Flags of a run, stronger than its config. */
export interface RunFlags {
  work?: string;
  out?: string;
  dryRun?: boolean;
  estimate?: boolean;
  frames: boolean;
  ignoreRecord?: boolean;
  only?: string[];
  queue?: string;
  store?: string;
  engine?: 'tensorflow' | 'wasm' | 'cpu';
  precision?: 'fp32' | 'bf16';
  threads?: number;
  sameMachine?: boolean;
}
