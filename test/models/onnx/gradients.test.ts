import { expect } from 'chai';
import { useEngine } from '../../support/engines.js';
import { requireTool } from '../../support/tools.js';
import { backendCases, dataFolder, isCore, type BackendCase } from './support/cases.js';
import { FAILING } from './support/known-failures.js';
import { slopesOf, type Slope } from './support/slopes.js';

/** Cases whose slopes differences cannot tell, and why. */
const UNTOLD: Readonly<Record<string, string>> = {
  test_attention_4d_with_past_and_present_qk_matmul_bias_3d_mask_causal:
    'masked products are put out as minus infinity',
  test_attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_causal:
    'masked products are put out as minus infinity',
  test_batchnorm_epsilon: 'running statistics move by averaging, not by gradient',
  test_batchnorm_example: 'running statistics move by averaging, not by gradient',
  test_gridsample_volumetric_bilinear_align_corners_0: 'a step crosses pixels',
  test_hardmax_axis_1: 'a step jumps',
  test_l1normalization_axis_last: 'a step crosses 0',
  test_l2normalization_axis_0: 'lengths near 0 turn within a step',
  test_logsoftmax_large_number: 'sums of tens of thousands leave no digits',
  test_maxpool_3d_dilations: 'a step makes another number the largest',
  test_maxpool_3d_dilations_use_ref_impl: 'a step makes another number the largest',
  test_maxpool_3d_dilations_use_ref_impl_large: 'a step makes another number the largest',
  test_pow: 'roots of numbers below 0',
  test_softmax_large_number: 'sums of tens of thousands leave no digits',
  test_tan: 'a pole lies within a step',
  test_thresholdedrelu: 'a step jumps',
};

function isRight({ analytic, numeric, scale }: Slope): boolean {
  return numeric.some((one) => Math.abs(one - analytic) <= 0.02 * Math.max(scale, Math.abs(one)));
}

// TensorFlow.js leaves a tape's tensors behind where it finds no way from an input to the result, so these suites do not count them.
for (const engine of ['tensorflow', 'wasm'] as const) {
  describe(`onnx: gradients of the package's own tests, on ${engine}`, () => {
    let cases: BackendCase[];

    before(async function () {
      await useEngine(this, engine);
      const all = backendCases(dataFolder(requireTool(this, 'onnx')));
      cases = all.filter((one) => isCore(one) && !one.name.includes('_expanded') && !(one.name in FAILING));
    });

    it('are what differences say, for each input of floats that a gradient reaches', () => {
      const wrong: string[] = [];
      let told = 0;
      for (const one of cases) {
        if (one.name in UNTOLD) continue;
        const slopes = slopesOf(one);
        told += slopes.length;
        for (const slope of slopes) if (!isRight(slope)) wrong.push(`${one.name}: ${JSON.stringify(slope)}`);
      }
      expect(wrong).to.deep.equal([]);
      expect(told).to.be.at.least(650);
    });

    it('whose slopes differences cannot tell are cases that there are', () => {
      const names = cases.map(({ name }) => name);
      expect(Object.keys(UNTOLD).filter((name) => !names.includes(name))).to.deep.equal([]);
    });
  });
}
