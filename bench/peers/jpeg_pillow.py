"""Saves every DIR/*.ppm as a JPEG of a quality beside it: jpeg_pillow.py DIR QUALITY"""

import sys
from pathlib import Path

from PIL import Image

folder, quality = Path(sys.argv[1]), int(sys.argv[2])
for path in folder.glob("*.ppm"):
    Image.open(path).save(path.with_suffix(".jpg"), quality=quality)
