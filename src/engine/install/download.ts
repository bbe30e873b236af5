import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../common/errors.js';
import { type Progress } from '../../common/progress.js';
import { type Python } from './python.js';
import { lastLines, run, type CommandResult } from './run.js';
import { diskFull, megabytes } from './space.js';
import { type Target } from './target.js';
import { makeFolder } from '../../common/folders.js';

export interface DownloadOptions {
  python: Python;
  target: Target;
  /** What to fetch, as pip writes it: `tensorflow-cpu==2.21.0`. */
  requirements: string[];
  /** Where the wheels go. */
  folder: string;
  /** Bytes expected, for the progress bar. */
  total: number;
  progress?: Progress;
}

/**
 * Fetches wheels with pip, which reads the user's own settings (mirror, proxy, certificates) and checks each file against the index's hash.
 * The wheels are those for CPython 3.12 whatever Python runs pip: only their C libraries are used.
 *
 * pip keeps an unfinished file in TMPDIR and moves it when it is whole. TMPDIR is therefore a folder beside the target: /tmp is often
 * small, the move is a rename, and the growing file gives the progress. pip's own cache is off: it would hold a second copy of a file
 * that is wanted once.
 *
 * @throws E_ENGINE_NETWORK, E_ENGINE_VERSION, E_ENGINE_CHECKSUM, E_ENGINE_DISK, E_ENGINE_DOWNLOAD
 */
export async function downloadWheels({
  python,
  target,
  requirements,
  folder,
  total,
  progress,
}: DownloadOptions): Promise<void> {
  const temporary = join(folder, '.partial');
  await rm(temporary, { recursive: true, force: true });
  await makeFolder(temporary);
  const task = `download ${requirements.length === 1 ? requirements[0] : `${requirements.length} packages`}`;
  const report = (bytes: number): void =>
    progress?.({ task, done: megabytes(bytes), total: megabytes(total), unit: 'MB' });
  const timer = setInterval(() => {
    // A folder that pip removes while it is read is read again in a moment.
    treeSize(temporary)
      .then((bytes) => report(Math.min(bytes, total * 0.99)))
      .catch(() => undefined);
  }, 250);
  let result: CommandResult;
  try {
    result = await run(python.command, pipArguments(target, requirements, folder), {
      env: {
        ...process.env,
        TMPDIR: temporary,
        PIP_REQUIRE_VIRTUALENV: '0',
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
        LC_ALL: 'C',
      },
    });
  } finally {
    clearInterval(timer);
    await rm(temporary, { recursive: true, force: true });
    // Only where nothing came.
    await rmdir(folder).catch(() => undefined);
  }
  if (result.status !== 0) explain(result, requirements, folder, target);
  report(total);
}

/** The arguments after `python3`. */
function pipArguments(target: Target, requirements: string[], folder: string): string[] {
  const tags = target.tags.flatMap((tag) => ['--platform', tag]);
  const python = ['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312'];
  const quiet = ['--no-cache-dir', '--no-input', '--progress-bar', 'off'];
  return [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary=:all:',
    ...python,
    ...tags,
    ...quiet,
    '--dest',
    folder,
    ...requirements,
  ];
}

/** What pip says where it does not reach the index, what tells most first. */
const NO_NETWORK = [
  /Temporary failure in name resolution|Name or service not known|nodename nor servname provided/i,
  /Network is unreachable|No route to host|Connection (refused|reset|aborted)|timed out/i,
  /certificate verify failed|ProxyError|SSLError/i,
  /NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Connection broken|Max retries exceeded/i,
  // All that it says where it may not retry.
  /\(from versions: none\)/,
];

function explain(result: CommandResult, requirements: string[], folder: string, target: Target): never {
  const said = `${result.stdout}\n${result.stderr}`;
  const where = `pip download ${requirements.join(' ')}`;
  const got = lastLines(result, 2).replaceAll('ERROR: ', '');
  const [network] = NO_NETWORK.flatMap((pattern) => pattern.exec(said)?.[0] ?? []);
  const versions = /\(from versions: ([^)]*)\)/.exec(said)?.[1];
  if (/No space left on device|ENOSPC|Disk quota exceeded/.test(said))
    return diskFull(folder, 'a full disk during the download', target.space.during);
  if (/DO NOT MATCH THE HASHES|HashMismatch/i.test(said))
    return fail('E_ENGINE_CHECKSUM', {
      where,
      expected: "the content that the index's hash names",
      got,
      todo: 'Run gearnn engine install again.',
    });
  if (network !== undefined)
    return fail('E_ENGINE_NETWORK', {
      where,
      expected: "an answer from PyPI or your pip's own index",
      got: network.replace('(from versions: none)', 'no release at all'),
      todo: 'Check the network (pip reads HTTPS_PROXY and PIP_INDEX_URL) and run gearnn engine install again, give a wheel with --from WHEEL, or use --engine wasm.',
    });
  if (/No matching distribution found|Could not find a version/.test(said))
    return fail('E_ENGINE_VERSION', {
      where,
      expected: `a release with a wheel for ${target.tags[0]}`,
      got: versions === undefined ? got : `only ${versions}`,
      todo: 'Leave --tensorflow out to take the version that gearnn is tested on.',
    });
  return fail('E_ENGINE_DOWNLOAD', {
    where,
    expected: 'the wheel',
    got,
    todo: 'Run the same command by hand to see all that pip says.',
  });
}

async function treeSize(folder: string): Promise<number> {
  const sizes = (await readdir(folder, { recursive: true })).map((name) =>
    // A file that pip moves away meanwhile counts nothing.
    stat(join(folder, name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
