import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgressEvent } from '../../../src/common/progress.js';
import { downloadWheels } from '../../../src/engine/install/download.js';
import { targetOf } from '../../../src/engine/install/target.js';
import { errorOf, FakeMachine } from '../support/machine.js';

/** What pip 23.2 and 25.1 print, shortened to the lines that tell. */
const SAYS: [code: string, output: string][] = [
  [
    'E_ENGINE_NETWORK',
    `WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/tensorflow-cpu/
ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.21.0 (from versions: none)
ERROR: No matching distribution found for tensorflow-cpu==2.21.0`,
  ],
  ['E_ENGINE_NETWORK', `ERROR: HTTPSConnectionPool(host='files.pythonhosted.org', port=443): Read timed out.`],
  [
    'E_ENGINE_NETWORK',
    // PIP_RETRIES=0 and no network: pip does not say why.
    `ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.21.0 (from versions: none)
ERROR: No matching distribution found for tensorflow-cpu==2.21.0`,
  ],
  [
    'E_ENGINE_VERSION',
    `ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==9.9.9 (from versions: 2.16.1, 2.21.0)
ERROR: No matching distribution found for tensorflow-cpu==9.9.9`,
  ],
  [
    'E_ENGINE_CHECKSUM',
    `ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
    tensorflow-cpu==2.21.0 from https://files.pythonhosted.org/x.whl:
        Expected sha256 aa
             Got        bb`,
  ],
  ['E_ENGINE_DISK', `ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device`],
  ['E_ENGINE_DOWNLOAD', `ERROR: Something that pip has never said before`],
];

describe('engine install: download', () => {
  let machine: FakeMachine;

  beforeEach(() => (machine = new FakeMachine()));
  afterEach(() => machine.dispose());

  const download = (progress?: (event: ProgressEvent) => void): Promise<void> =>
    downloadWheels({
      python: { command: 'python3', version: '3.11.7', pip: '25.1' },
      target: targetOf(false, { platform: 'linux', arch: 'x64' }),
      requirements: ['tensorflow-cpu==2.21.0'],
      folder: join(machine.folder, 'wheels'),
      total: 3e6,
      progress,
    });

  for (const [code, output] of SAYS) {
    it(`${code}: "${output.split('\n')[0]!.slice(0, 60)}..."`, async () => {
      machine.python(`/bin/cat >&2 <<'END'\n${output}\nEND\nexit 1`);
      const error = await errorOf(download());
      expect(error).to.include({ code });
      expect(error!.message).to.match(/\. [A-Z].*\.$/);
      expect(existsSync(join(machine.folder, 'wheels'))).to.equal(false);
    });
  }

  it('has pip keep its unfinished file beside the target, where its growth is the progress, and removes it', async () => {
    machine.python('/usr/bin/head -c 2000000 /dev/zero > "$TMPDIR/pip-part"; /bin/sleep 0.6; echo > "$dest/x.whl"');
    const events: ProgressEvent[] = [];
    await download((event) => events.push(event));
    expect(events.map(({ done }) => done)).to.include(2);
    expect(events.at(-1)).to.deep.equal({ task: 'download tensorflow-cpu==2.21.0', done: 3, total: 3, unit: 'MB' });
    expect(existsSync(join(machine.folder, 'wheels/x.whl'))).to.equal(true);
    expect(existsSync(join(machine.folder, 'wheels/.partial'))).to.equal(false);
  });

  it('a moment in which that folder cannot be read has no progress, and is no error that nobody handles', async () => {
    machine.python('/bin/rm -r "$TMPDIR"; /bin/sleep 0.6; echo > "$dest/x.whl"');
    const [events, unhandled]: [ProgressEvent[], unknown[]] = [[], []];
    const note = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      await download((event) => events.push(event));
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(events.map(({ done }) => done)).to.deep.equal([3]);
    expect(unhandled).to.deep.equal([]);
  });
});
