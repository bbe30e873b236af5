import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a package is called by each system's package manager, and the words before it. */
const MANAGERS = [
  { program: 'brew', command: 'brew install', python: 'python', pip: 'python', compiler: 'gcc' },
  { program: 'apt-get', command: 'apt-get install -y', python: 'python3-pip', pip: 'python3-pip', compiler: 'g++' },
  { program: 'dnf', command: 'dnf install -y', python: 'python3-pip', pip: 'python3-pip', compiler: 'gcc-c++' },
  { program: 'zypper', command: 'zypper install -y', python: 'python3-pip', pip: 'python3-pip', compiler: 'gcc-c++' },
  { program: 'pacman', command: 'pacman -S --noconfirm', python: 'python-pip', pip: 'python-pip', compiler: 'gcc' },
] as const;

/**
 * The one command that puts a tool on this machine, by the package manager that it has.
 *
 * @param path where programs are looked for; given by tests
 */
export function remedyFor(tool: 'python' | 'pip' | 'compiler', path: string = process.env.PATH ?? ''): string {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const manager = MANAGERS.find(({ program }) => folders.some((folder) => existsSync(join(folder, program))));
  if (tool === 'compiler' && process.platform === 'darwin') return 'xcode-select --install';
  const { command, ...names } = manager ?? MANAGERS[1];
  const asRoot = manager?.program === 'brew' || process.getuid?.() === 0 ? '' : 'sudo ';
  return `${asRoot}${command} ${names[tool]}`;
}
