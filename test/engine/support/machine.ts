import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { requireTool } from '../../support/tools.js';

/** A machine of our own making: an empty cache folder, and a PATH on which only the programs that a test puts there are found. */
export class FakeMachine {
  readonly folder = mkdtempSync(join(tmpdir(), 'gearnn-machine-'));
  readonly home = join(this.folder, 'home');
  private readonly path = process.env.PATH;
  private readonly cxx = process.env.CXX;

  constructor() {
    mkdirSync(join(this.folder, 'bin'));
    process.env.PATH = join(this.folder, 'bin');
    delete process.env.CXX;
  }

  /** Puts a shell script on the PATH; `"$@"` are its arguments. */
  program(name: string, script: string): void {
    const path = join(this.folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** A compiler whose product is a copy of `product`; it notes each call in `g++.log`. */
  compiler(product: string, before = ''): void {
    this.program(
      'g++',
      `if [ "$1" = --version ]; then echo "g++ (fake) 12"; exit; fi
echo "$*" >> ${this.folder}/g++.log
${before}
while [ $# -gt 0 ]; do if [ "$1" = -o ]; then /bin/cp ${product} "$2"; exit; fi; shift; done`,
    );
  }

  /** A Python with pip; `download` runs for `pip download`, where `$dest` is the folder for the wheels. It notes each call in `pip.log`. */
  python(download: string, name = 'python3'): void {
    this.program(
      name,
      `case "$*" in
  -c*) echo 3.11.7; exit;;
  "-m pip --version") echo "pip 25.1 from /fake (python 3.11)"; exit;;
esac
echo "$*" >> ${this.folder}/pip.log
while [ $# -gt 0 ]; do if [ "$1" = --dest ]; then dest=$2; fi; shift; done
${download}`,
    );
  }

  /** The lines of a log, one a call. */
  calls(log: 'pip.log' | 'g++.log'): string[] {
    const path = join(this.folder, log);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  /** Removes everything and gives the PATH back. */
  dispose(): void {
    process.env.PATH = this.path;
    if (this.cxx !== undefined) process.env.CXX = this.cxx;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const addons = new Map<string, string>();

/**
 * A small native addon that stands for tfjs-node's binding, compiled by the machine's own compiler; without one the test is skipped.
 *
 * @param behaviour `loads`: exports `TF_Version`; `crashes`: aborts the process that loads it
 */
export function addon(test: Mocha.Context, behaviour: 'loads' | 'crashes'): string {
  const known = addons.get(behaviour);
  if (known !== undefined) return known;
  const compiler = requireTool(test, 'c++');
  const folder = mkdtempSync(join(tmpdir(), 'gearnn-addon-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const source = join(folder, 'addon.cc');
  const body =
    behaviour === 'crashes'
      ? 'abort();'
      : 'napi_value v; napi_create_string_utf8(env, "2.21.0", 6, &v); napi_set_named_property(env, exports, "TF_Version", v);';
  writeFileSync(source, `#include <node_api.h>\n#include <stdlib.h>\nNAPI_MODULE_INIT() { ${body} return exports; }\n`);
  const headers = join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
  const product = join(folder, 'addon.node');
  const mac = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  execFileSync(compiler, ['-shared', '-fPIC', '-I', headers, source, ...mac, '-o', product], {
    env: { ...process.env, PATH: '/usr/bin:/bin' },
  });
  addons.set(behaviour, product);
  return product;
}

/** The code of the GearnnError that a call ends with; `none` if it succeeds. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  return (await errorOf(call))?.code ?? 'none';
}

/** The error that a call ends with. */
export async function errorOf(call: Promise<unknown>): Promise<(Error & { code?: string }) | null> {
  return call.then(
    () => null,
    (error: Error) => error,
  );
}
