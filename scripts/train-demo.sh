#!/usr/bin/env bash
# Makes checkpoints/demo anew: the base and its adaptors, as they are shipped. About ten minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
gearnn() { node dist/cli/main.js "$@"; }
work="${1:-runs/train-demo}"
target=checkpoints/demo

[[ -e "$work/base/config.json" ]] || gearnn train --data scenes:7 --model drn-d-22 --width 0.25 --size 128x256 --batch 8 --epochs 40 --learning-rate 0.05 \
  --seed 7 --storage fp16 --validate 20 --out "$work/base"
mkdir -p "$target"
cp "$work/base/config.json" "$work/base/model.safetensors" "$target/"
for level in jpeg=5 jpeg=10 jpeg=20 jpeg=50 jpeg=90 brightness=0.3 brightness=2; do
  gearnn finetune --checkpoint "$target" --data scenes:7 --level "$level" --learning-rate 0.02 --out "$work/full/$level"
  gearnn split --base "$target" --tuned "$work/full/$level" --budget 1% --out "$work/split-$level.json"
  gearnn finetune --checkpoint "$target" --data scenes:7 --level "$level" --split "$work/split-$level.json" \
    --learning-rate 0.03 --epochs 8 --out "$target/adaptors/$level"
done
gearnn eval --checkpoint "$target" --adaptors "$target/adaptors" --tuned "$work/full" --data scenes:7
