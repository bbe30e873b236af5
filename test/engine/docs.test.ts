import { expect } from 'chai';
import { ERROR_CODES } from '../../src/common/errors.js';
import { ENGINE_FILES } from '../../src/engine/install/manifest.js';
import { TENSORFLOW_VERSION } from '../../src/engine/install/target.js';
import { readSource } from '../support/sources.js';

describe('engine: docs/engine.md', () => {
  const page = readSource('docs/engine.md');

  it('says of every engine error what mends it', () => {
    const codes = Object.keys(ERROR_CODES).filter((code) => code.startsWith('E_ENGINE_'));
    const listed = [...page.matchAll(/^\| `(E_ENGINE_[A-Z]+)` /gm)].map(([, code]) => code);
    expect(listed.sort()).to.deep.equal(codes.sort());
  });

  it('names the version that is installed, and every part of an engine', () => {
    expect(page).to.contain(`tensorflow-${TENSORFLOW_VERSION}-linux-x64-cpu/`);
    for (const part of Object.values(ENGINE_FILES)) expect(page).to.contain(`  ${part}`);
  });
});
