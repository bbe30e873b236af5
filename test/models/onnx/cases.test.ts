import { expect } from 'chai';
import { onEngines } from '../../support/engines.js';
import { requireTool } from '../../support/tools.js';
import { backendCases, dataFolder, failureOf, isCore, type BackendCase } from './support/cases.js';
import { FAILING } from './support/known-failures.js';

const TITLE = "onnx: the package's own tests of operations";

onEngines(TITLE, (engine) => {
  let cases: BackendCase[];

  before(function () {
    cases = backendCases(dataFolder(requireTool(this, 'onnx'))).filter(isCore);
  });

  it('of those whose operations gearnn has, all pass but the ones listed with their reasons', async () => {
    const failed = new Map<string, string>();
    for (const one of cases) {
      const failure = await failureOf(one);
      if (failure) failed.set(one.name, failure);
    }
    const listed = Object.keys(FAILING).filter((name) => FAILING[name]!.engines.includes(engine));
    const unexpected = [...failed].filter(([name]) => !listed.includes(name)).map(([name, why]) => `${name}: ${why}`);
    expect(unexpected, 'fail without being listed').to.deep.equal([]);
    expect(
      listed.filter((name) => !failed.has(name)),
      'are listed, and pass',
    ).to.deep.equal([]);
    expect(cases.length - failed.size).to.be.at.least(1100);
  });
});
