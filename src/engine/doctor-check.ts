/** One thing that was looked at. */
export interface Check {
  /** What: `node`, `python`, `tensorflow`. */
  name: string;
  /** `note`: not there and not needed as things are. `missing`: something does not work without it. */
  status: 'ok' | 'note' | 'missing';
  /** What was found, for a person to read. */
  found: string;
  /** The one command that mends it. */
  remedy?: string;
}

/** The command that most remedies come down to. */
export const INSTALL = 'gearnn engine install';

/** Where the cache folder cannot be used as it is. */
export const OTHER_HOME = 'export GEARNN_HOME=/a/folder/on/another/disk';
