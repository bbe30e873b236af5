#!/usr/bin/env bash
# Makes checkpoints/demo anew: the base and its adaptors, as they are shipped. About ten minutes on two cores.
# All of it is made in a folder of its own, runs/train-demo or the one given, and only copied when it is whole; called again after an
# interruption, it goes on from there.
set -euo pipefail
cd "$(dirname "$0")/.."
gearnn() { node dist/cli/main.js "$@"; }
work="${1:-runs/train-demo}"
base="$work/base"
adaptors="$work/adaptors"
target=checkpoints/demo

gearnn train --data scenes:7 --model drn-d-22 --width 0.25 --size 128x256 --batch 8 --epochs 40 --learning-rate 0.05 \
  --seed 7 --storage fp16 --validate 20 --out "$base" --resume
for level in jpeg=5 jpeg=10 jpeg=20 jpeg=50 jpeg=90 brightness=0.3 brightness=2; do
  gearnn finetune --checkpoint "$base" --data scenes:7 --level "$level" --learning-rate 0.02 --out "$work/full/$level" --resume
  gearnn split --base "$base" --tuned "$work/full/$level" --budget 1% --out "$work/split-$level.json" --force
  gearnn finetune --checkpoint "$base" --data scenes:7 --level "$level" --split "$work/split-$level.json" \
    --learning-rate 0.03 --epochs 8 --out "$adaptors/$level" --resume
done
gearnn eval --checkpoint "$base" --adaptors "$adaptors" --tuned "$work/full" --data scenes:7

rm -rf "$target/adaptors"
mkdir -p "$target"
cp "$base/config.json" "$base/model.safetensors" "$target/"
cp -R "$adaptors" "$target/"
