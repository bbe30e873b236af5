#!/usr/bin/env bash
# Adapts networks that packages of PyPI and npm ship to damaged pictures without labels, and writes table and picture into experiments/NAME/:
#
#   CAMVID=/data/camvid bash scripts/experiments/adapt-onnx.sh ocr-jpeg          PP-OCRv4's detector, words drawn on photographs of streets
#   CAMVID=/data/camvid bash scripts/experiments/adapt-onnx.sh lines-jpeg        PP-OCRv4's recognition, lines of text
#   CAMVID=/data/camvid bash scripts/experiments/adapt-onnx.sh ocr-dim           the same pictures, dimmed
#   PENN_FUDAN=/data/penn_fudan bash scripts/experiments/adapt-onnx.sh people-dim    human-selfie, a GraphModel of npm, photographs of people, dimmed
#   PENN_FUDAN=/data/penn_fudan CAMVID=/data/camvid bash scripts/experiments/adapt-onnx.sh photos-jpeg    NudeNet's YOLOv8n, photographs of people and streets
#
# Photographs that are trained on and those measured on are of different drives, or of the data's own parts. Fonts: DejaVu, as Debian's
# fonts-dejavu-core has them, or FONTS=DIR. What is made on the way lies in runs/NAME; an interrupted call goes on.
set -euo pipefail
name="$1"
cd "$(dirname "$0")/../.."
python="$(bash scripts/onnx-tools.sh)"
networks="$(bash scripts/onnx-real.sh)"
fonts="${FONTS:-/usr/share/fonts/truetype/dejavu}"
work="runs/$name"
mkdir -p "$work" "experiments/$name"

# text_pictures OPTION..: from two drives of CamVid to train on, and another one to measure on
text_pictures() {
  [[ -f "$work/pictures/dataset.json" ]] && return
  "$python" scripts/experiments/text_pictures.py "$work/pictures" --train "$CAMVID/train/0001TP*.png" "$CAMVID/train/0006R0*.png" \
    --val "$CAMVID/val/*.png" --words scripts/experiments/words.txt --fonts "$fonts" "$@"
}

# photographs: people and streets, apart from those measured on
photographs() {
  [[ -f "$work/pictures/dataset.json" ]] && return
  mkdir -p "$work/pictures/train" "$work/pictures/val"
  local part
  for part in train val; do
    while read -r id; do cp "$PENN_FUDAN/PNGImages/$id.png" "$work/pictures/$part/"; done <"$PENN_FUDAN/$part.txt"
  done
  find "$CAMVID/train" -name '0001TP*.png' -o -name '0006R0*.png' | sort | awk 'NR % 2 == 0' | head -60 | xargs cp -t "$work/pictures/train"
  find "$CAMVID/val" -name '*.png' | sort | awk 'NR % 5 == 0' | head -20 | xargs cp -t "$work/pictures/val"
  (cd "$work/pictures" && ls train/*.png | shuf --random-source=<(yes 7) >train.txt && ls val/*.png >val.txt)
  echo '{"task":"none","splits":{"train":"train.txt","val":"val.txt"}}' >"$work/pictures/dataset.json"
}

# people: photographs of one campus to train on, and of another one to measure on
people() {
  [[ -f "$work/pictures/dataset.json" ]] && return
  "$python" scripts/experiments/text_pictures.py "$work/pictures" --kind plain --train "$PENN_FUDAN/PNGImages/PennPed*.png" \
    --val "$PENN_FUDAN/PNGImages/FudanPed*.png" --words scripts/experiments/words.txt --fonts "$fonts" --size 448x384 --count 67 53
}

# import FILE OPTION..: of the folder of ONNX files, or a path
import() {
  [[ -f "$work/net/config.json" ]] || (cd "$networks" && realpath "$1") | xargs -I FILE npx gearnn import FILE --out "$work/net" "${@:2}"
}

# adapt OPTION..: goes on where it was interrupted
adapt() {
  local resume=()
  [[ -d "$work/adapted/.adapt" ]] && resume=(--resume)
  npx gearnn adapt --checkpoint "$work/net" --out "$work/adapted" --seed 1 "${resume[@]}" "$@"
  cp "$work/adapted/adapt.json" "$work/adapted/adapt.svg" "experiments/$name/"
}

case "$name" in
  ocr-jpeg)
    text_pictures --heights 16 40 --count 160 40
    import ppocrv4-det.package.onnx --task foreground --channels bgr
    adapt --data "list:$work/pictures" --level jpeg=5 --level jpeg=10 --steps 400
    ;;
  lines-jpeg)
    text_pictures --kind lines --size 160x24 --heights 12 17 --count 400 120
    import ppocrv4-rec.package.onnx --task features --channels bgr --mean 0.5,0.5,0.5 --std 0.5,0.5,0.5 \
      --size 48x320 --fit stretch
    adapt --data "list:$work/pictures" --level jpeg=5
    ;;
  ocr-dim)
    text_pictures --heights 16 40 --count 160 40
    import ppocrv4-det.package.onnx --task foreground --channels bgr
    adapt --data "list:$work/pictures" --level brightness=0.3 --steps 8 --rate 0.003
    ;;
  people-dim)
    people
    import "$(bash scripts/tfjs-real.sh)/human-selfie/model.json" --task foreground
    adapt --data "list:$work/pictures" --level brightness=0.3 --steps 8 --rate 0.0003
    ;;
  photos-jpeg)
    photographs
    import nudenet-320n.package.onnx --task features --compare /model.22/Sigmoid_output_0 --mean 0,0,0 --std 1,1,1 \
      --size 320x320 --fit letterbox
    adapt --data "list:$work/pictures" --level jpeg=5 --size 480x480 --steps 40 --rate 0.005
    ;;
  *)
    echo "adapt-onnx.sh: expected ocr-jpeg, ocr-dim, lines-jpeg, people-dim or photos-jpeg, got $name" >&2
    exit 2
    ;;
esac
