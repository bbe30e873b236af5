"""Pictures with text, as a list dataset without labels: words in real fonts on photographs.

python text_pictures.py OUT --train DIR... --val DIR... --words FILE --fonts DIR [--kind signs|lines|plain] [--heights 9 18] [--size 480x352]
                        [--count 180 40] [--seed 7]

`signs`: some words in each picture, on a plate or not. `lines`: one line of text that fills the picture, cut out as a text detector does.
`plain`: the photograph alone.
No photograph serves for both parts; of each folder they are taken evenly. Needs Pillow.
"""

import argparse
import json
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

COLORS = [(255, 255, 255), (0, 0, 0), (250, 230, 40), (200, 20, 20), (20, 60, 180)]


def photographs(folders, count):
    """So many of the pictures of the folders, evenly spread over each."""
    share = -(-count // len(folders))
    chosen = []
    for folder in folders:
        parent, _, pattern = folder.rpartition("/") if "*" in folder else (folder, "", "*.png")
        files = sorted(Path(parent).glob(pattern))
        step = max(1, len(files) // share)
        chosen += files[::step][:share]
    return chosen[:count]


def put_text(draw, text, font, x, y, random_):
    color = random_.choice(COLORS)
    left, top, right, bottom = draw.textbbox((x, y), text, font=font)
    if random_.random() < 0.5:
        draw.rectangle([left - 3, top - 2, right + 3, bottom + 2], fill=tuple(255 - value for value in color))
    draw.text((x, y), text, font=font, fill=color)


def sign_picture(photograph, words, fonts, arguments, random_):
    width, height = arguments.size
    image = ImageOps.fit(photograph, (width, height))
    draw = ImageDraw.Draw(image)
    for _ in range(random_.randint(3, 8)):
        text = " ".join(random_.sample(words, random_.randint(1, 3)))
        font = ImageFont.truetype(random_.choice(fonts), random_.randint(*arguments.heights))
        x = random_.randint(0, max(1, int(width - draw.textlength(text, font=font))))
        y = random_.randint(0, height - font.size - 4)
        put_text(draw, text, font, x, y, random_)
    return image


def line_picture(photograph, words, fonts, arguments, random_):
    width, height = arguments.size
    x, y = random_.randint(0, photograph.width - width), random_.randint(0, photograph.height - height)
    image = photograph.crop((x, y, x + width, y + height))
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(random_.choice(fonts), random_.randint(*arguments.heights))
    text = random_.choice(words)
    while True:
        longer = f"{text} {random_.choice(words)}"
        if draw.textlength(longer, font=font) > width - 8:
            break
        text = longer
    top = (height - font.size) // 2 - random_.randint(0, 2)
    put_text(draw, text, font, random_.randint(2, 5), top, random_)
    return image


def plain_picture(photograph, words, fonts, arguments, random_):
    return ImageOps.fit(photograph, arguments.size)


def size(text):
    width, height = map(int, text.split("x"))
    return width, height


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--train", nargs="+", required=True, help="folders of photographs, or patterns in one: DIR/0001*.png")
    parser.add_argument("--val", nargs="+", required=True)
    parser.add_argument("--words", type=Path, required=True, help="a text whose words are used")
    parser.add_argument("--fonts", type=Path, required=True, help="folder of .ttf files")
    parser.add_argument("--kind", choices=["signs", "lines", "plain"], default="signs")
    parser.add_argument("--heights", nargs=2, type=int, default=[9, 18], help="of the text in pixels")
    parser.add_argument("--size", type=size, default=(480, 352), help="of the pictures, width first")
    parser.add_argument("--count", nargs=2, type=int, default=[180, 40])
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    random_ = random.Random(arguments.seed)
    words = sorted({word for word in arguments.words.read_text().split() if word.isalnum() and len(word) > 2})
    fonts = sorted(map(str, arguments.fonts.rglob("*.ttf")))
    make = {"signs": sign_picture, "lines": line_picture, "plain": plain_picture}[arguments.kind]
    for part, folders, count in zip(("train", "val"), (arguments.train, arguments.val), arguments.count):
        (arguments.out / part).mkdir(parents=True, exist_ok=True)
        chosen = photographs(folders, count)
        names = []
        for i in range(count):
            photograph = Image.open(chosen[i % len(chosen)]).convert("RGB")
            names.append(f"{part}/{i:04d}.png")
            make(photograph, words, fonts, arguments, random_).save(arguments.out / names[-1])
        random_.shuffle(names)
        (arguments.out / f"{part}.txt").write_text("".join(f"{name}\n" for name in names))
    splits = {"train": "train.txt", "val": "val.txt"}
    (arguments.out / "dataset.json").write_text(json.dumps({"task": "none", "splits": splits}) + "\n")


main()
