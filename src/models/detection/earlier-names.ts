/** What torchvision's modules were called when its weights of COCO were saved, and are called since version 0.13. */
const RENAMED: readonly [RegExp, (...parts: string[]) => string][] = [
  [/^(backbone\.fpn\.(?:inner|layer)_blocks\.\d)\.(weight|bias)$/, (_, at, part) => `${at}.0.${part}`],
  [/^rpn\.head\.conv\.(weight|bias)$/, (_, part) => `rpn.head.conv.0.0.${part}`],
  [
    /^roi_heads\.mask_head\.mask_fcn(\d)\.(weight|bias)$/,
    (_, count, part) => `roi_heads.mask_head.${Number(count) - 1}.0.${part}`,
  ],
];

/**
 * The name of a detector's tensor by that of an earlier file; any other name as it is.
 *
 * @source torchvision, `_load_from_state_dict` of ops/feature_pyramid_network.py, models/detection/rpn.py and mask_rcnn.py
 */
export function currentName(name: string): string {
  for (const [pattern, replace] of RENAMED) if (pattern.test(name)) return name.replace(pattern, replace);
  return name;
}
