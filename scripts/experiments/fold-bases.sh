#!/bin/sh
# Bases of experiments/camvid-drives and camvid-drives-b, which each leave one of CamVid's drives out: a trunk on the drive that both share, then
# each with its second drive. Takes about three hours of two cores; run again, it goes on where it was interrupted.
#   bash scripts/experiments/fold-bases.sh CAMVID OUT
set -e
[ $# -eq 2 ] || { echo "usage: fold-bases.sh CAMVID OUT" >&2; exit 2; }
cd "$(dirname "$0")/../.."
data="camvid:$1" out="$2"

train() {
  out_of="$1"
  shift
  [ -f "$out_of/model.safetensors" ] && return
  npx gearnn train --model drn-d-22 --data "$data" --batch 4 --learning-rate 0.02 --warmup 100 --scale 0.75:1.33 --seed 1 --precision bf16 --storage fp16 --resume --out "$out_of" "$@"
}

train "$out/trunk" --samples 'all[drive=0016E5]' --size 160x224 --epochs 24
train "$out/base-a" --samples 'all[drive=0016E5,0001TP]' --init "$out/trunk/model.safetensors" --size 192x256 --epochs 16 --statistics precise
train "$out/base-b" --samples 'all[drive=0016E5,0006R0]' --init "$out/trunk/model.safetensors" --size 192x256 --epochs 16 --statistics precise
