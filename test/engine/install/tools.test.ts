import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCompiler, requireCompiler } from '../../../src/engine/install/compile.js';
import { findPython, requirePython } from '../../../src/engine/install/python.js';
import { remedyFor } from '../../../src/engine/install/remedy.js';
import { codeOf, errorOf, FakeMachine } from '../support/machine.js';

describe('engine install: the tools that it needs', () => {
  let machine: FakeMachine;

  beforeEach(() => (machine = new FakeMachine()));
  afterEach(() => machine.dispose());

  it('no Python, or only Python 2, is E_ENGINE_PYTHON', async () => {
    expect(await codeOf(requirePython())).to.equal('E_ENGINE_PYTHON');
    machine.program('python', 'echo 2.7.18');
    expect(await codeOf(requirePython())).to.equal('E_ENGINE_PYTHON');
  });

  it('a Python without pip is E_ENGINE_PIP, with the command that brings pip', async () => {
    machine.program('apt-get', '');
    machine.program(
      'python3',
      'case "$*" in -c*) echo 3.11.2;; *) echo "/usr/bin/python3: No module named pip" >&2; exit 1;; esac',
    );
    const error = await errorOf(requirePython());
    expect(error).to.include({ code: 'E_ENGINE_PIP' });
    expect(error!.message).to.match(
      /expected pip in python3 3\.11\.2, got none\. Run (sudo )?apt-get install -y python3-pip /,
    );
  });

  for (const [what, words, tool, remedy] of [
    ['with ensurepip', 'venv ensurepip', '', '/v/bin/python3 -m ensurepip --upgrade'],
    ["of uv's, where uv is there", 'venv ensurepip', 'uv', 'uv pip install --python /v/bin/python3 pip'],
    ['without ensurepip', 'venv', 'apt-get', 'deactivate && '],
  ] as const) {
    it(`a virtual environment without pip, ${what}, is not told to install the system's pip into it`, async () => {
      if (tool !== '') machine.program(tool, '');
      machine.program(
        'python3',
        `case "$*" in *importlib*) echo /v/bin/python3; for word in ${words}; do echo $word; done;; ` +
          '-c*) echo 3.12.4;; *) exit 1;; esac',
      );
      const error = await errorOf(requirePython());
      expect(error).to.include({ code: 'E_ENGINE_PIP' });
      expect(error!.message).to.contain(`got none. Run ${remedy}`);
    });
  }

  for (const pip of ['9.0.1', '20.0.2', '20.3b1', '20.3.1']) {
    it(`pip ${pip}, which does not find the wheel, is E_ENGINE_PIP with the command that renews it`, async () => {
      machine.program('python3', `case "$*" in -c*) echo 3.8.10;; *) echo "pip ${pip} from /fake (python 3.8)";; esac`);
      const error = await errorOf(requirePython());
      expect(error).to.include({ code: 'E_ENGINE_PIP' });
      expect(error!.message).to.contain(
        `expected pip 20.3.2 or newer in python3 3.8.10, got ${pip}. Run python3 -m pip install -U pip and again`,
      );
    });
  }

  it('pip 20.3.4 and 100.0 are new enough', async () => {
    for (const pip of ['20.3.4', '100.0']) {
      machine.program('python3', `case "$*" in -c*) echo 3.8.10;; *) echo "pip ${pip} from /fake (python 3.8)";; esac`);
      expect(await requirePython()).to.include({ pip });
    }
  });

  it('`python` with pip is taken before `python3` without', async () => {
    machine.program('python3', 'case "$*" in -c*) echo 3.11.2;; *) exit 1;; esac');
    machine.python('', 'python');
    expect(await findPython()).to.deep.equal({ command: 'python', version: '3.11.7', pip: '25.1' });
  });

  it('the first compiler that runs is taken: g++, c++, clang++', async () => {
    expect(await findCompiler()).to.equal(null);
    expect(await codeOf(requireCompiler())).to.equal('E_ENGINE_COMPILER');
    machine.program('clang++', 'echo "clang version 19"');
    expect(await findCompiler()).to.deep.equal({ command: 'clang++', version: 'clang version 19' });
    machine.program('c++', 'echo "c++ 12"');
    machine.program('g++', 'exit 1');
    expect(await findCompiler()).to.deep.equal({ command: 'c++', version: 'c++ 12' });
  });

  it('the remedy is of the package manager that the machine has', () => {
    writeFileSync(join(machine.folder, 'dnf'), '');
    expect(remedyFor('python', `/nowhere:${machine.folder}`)).to.match(/^(sudo )?dnf install -y python3-pip$/);
    expect(remedyFor('python', '')).to.match(/^(sudo )?apt-get install -y python3-pip$/);
  });
});
