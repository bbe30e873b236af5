#!/usr/bin/env bash
# Makes adaptors of checkpoints/camvid-drn-d-22 for compressed frames: scales and shifts alone, taught by the base's own answers on whole clean frames of
# CamVid's training drives. docs/streets.md says why so.
#
#   bash scripts/experiments/street-adaptors.sh CAMVID OUT [LEVEL..]       jpeg=3, 5, 8, 10, 15 and 20 unless it says others; two minutes each on two cores
#
# One that is there is left as it is; an interrupted one goes on.
set -euo pipefail
[[ $# -ge 2 ]] || { echo "usage: street-adaptors.sh CAMVID OUT [LEVEL..]" >&2; exit 2; }
data="camvid:$(realpath "$1")" out="$(realpath -m "$2")"
shift 2
cd "$(dirname "$0")/../.."
[[ $# -gt 0 ]] || set -- jpeg=3 jpeg=5 jpeg=8 jpeg=10 jpeg=15 jpeg=20
for level in "$@"; do
  [[ -f "$out/$level/adaptor_config.json" ]] && continue
  npx gearnn finetune --checkpoint checkpoints/camvid-drn-d-22 --data "$data" --level "$level" --adapt affine --objective teacher \
    --size 352x480 --batch 1 --scale 1:1 --steps 100 --learning-rate 0.002 --seed 1 --resume --out "$out/$level"
done
