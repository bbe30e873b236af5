import type { Identity } from '../identity.js';
import type { Stamp } from '../stamp.js';

/** What a store has for a step. */
export type Stored =
  | { state: 'cached'; stamp: Stamp }
  | {
      state: 'missing';
      /** A run of it that did not end can go on. */
      interrupted: boolean;
      /** A file of its result that is gone or changed. */
      damaged?: string;
    };

/**
 * Results of steps, each found by the address of what it was made from. Several processes, on several machines, may read and write at once:
 * a result appears whole or not at all, and of two that are made for one address the first stays.
 */
export interface Store {
  /** Where it is, for messages: a folder, or `s3://BUCKET/PREFIX`. */
  readonly place: string;

  /** Looks for a step's result; one whose files have changed since counts as none. */
  find(identity: Identity): Promise<Stored>;

  /** The newest result of a step of the same id and kind, whatever it was made from. */
  latest(identity: Identity): Promise<Stamp | undefined>;

  /** Where a step's result is or will be, for people. */
  locationOf(identity: Identity): Promise<string>;

  /**
   * The folder on this machine that a step's result lies in, brought there first where it has to be. Nobody may write to it.
   *
   * @throws Error where there is no result
   */
  folderOf(identity: Identity): Promise<string>;

  /**
   * Takes the lease on a step, and makes a folder ready that nobody else writes to, with what an interrupted run of the step left.
   *
   * A lease ends with its writer, or when the writer has not renewed it for as long as it promised: at once where it was a process of this
   * machine that is gone. How long that is, each store object that waits measures by itself, so no two machines' clocks are ever compared.
   *
   * @returns who holds it, where somebody else does
   */
  begin(identity: Identity, options: BeginOptions): Promise<StepWriter | Held>;
}

export interface BeginOptions {
  /** The writer's name for people: a worker's, or a process and its host. */
  owner: string;
  /** Seconds after which a writer that does not renew its lease has lost it. */
  silence: number;
  /** Begin with an empty folder, whatever an interrupted run left. Default false. */
  fresh?: boolean;
}

/** Another writer is at work on the step. */
export interface Held {
  /** Its name. */
  holder: string;
}

/** One who holds the lease on a step and makes its result; call one of `publish`, `release` and `discard` in the end. */
export interface StepWriter {
  readonly identity: Identity;
  /** Everything that the step makes goes in here. */
  readonly folder: string;
  /** The folder holds what an interrupted run of this very step left. */
  readonly resuming: boolean;

  /**
   * Shows that the writer lives.
   *
   * @throws E_PIPELINE_LEASE_LOST where another one has taken over; nothing of this one's will be published
   */
  renew(): Promise<void>;

  /** Keeps what the folder holds by now, for a writer on any machine to go on from. A step does not write meanwhile, or whole files alone. */
  checkpoint(): Promise<void>;

  /**
   * Makes the folder the step's result, whole, and gives the lease back.
   *
   * @param stamp of the files in the folder
   * @returns the stamp that counts: another's where that was published first
   * @throws E_PIPELINE_LEASE_LOST before anything is published; the system's error where the store is full, with nothing published
   */
  publish(stamp: Stamp): Promise<Stamp>;

  /** Gives the lease back. What the folder holds stays, for the next writer to go on from. */
  release(): Promise<void>;

  /** Gives the lease back, and removes what was made. */
  discard(): Promise<void>;
}

/** Whether a step is another writer's. */
export function isHeld(begun: object): begun is Held {
  return 'holder' in begun;
}
