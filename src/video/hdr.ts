import type { Frame } from 'node-av/lib';
import type { Library } from './library.js';
import type { FilterStep } from './orientation.js';

/** Brightness in cd/m² that SDR's white stands for. */
const WHITE = 100;
const EXACT = 'agamma=0';

/**
 * The filters that map HDR (PQ and HLG, as BT.2100 has them) to SDR in BT.709: linear light, its primaries, the curve `hable` over
 * brightness, and back. None for frames of SDR.
 *
 * The curves are computed exactly: the tables that zscale takes else, on some processors alone, end at SDR's white.
 */
export function hdrSteps({ constants }: Library, frame: Frame): FilterStep[] {
  const { AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67, AVCOL_SPC_BT2020_NCL, AVCOL_SPC_UNSPECIFIED } = constants;
  const transfer = frame.colorTrc;
  if (transfer !== AVCOL_TRC_SMPTE2084 && transfer !== AVCOL_TRC_ARIB_STD_B67) return [];
  const tin = transfer === AVCOL_TRC_SMPTE2084 ? 'smpte2084' : 'arib-std-b67';
  // What such a stream does not say is what BT.2100 says.
  const matrix = frame.colorSpace === AVCOL_SPC_UNSPECIFIED ? AVCOL_SPC_BT2020_NCL : frame.colorSpace;
  return [
    ['zscale', `transferin=${tin}:primariesin=bt2020:matrixin=${matrix}:transfer=linear:npl=${WHITE}:${EXACT}`],
    ['format', 'pix_fmts=gbrpf32le'],
    ['zscale', `primaries=bt709:${EXACT}`],
    ['tonemap', 'tonemap=hable:desat=0'],
    ['zscale', `transfer=bt709:matrix=bt709:range=limited:${EXACT}`],
    ['format', 'pix_fmts=yuv444p'],
  ];
}
