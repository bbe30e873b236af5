"""Distorts the PNGs of a folder with imagecorruptions, one process per core: the peer of gearnn's `distort` in `npm run bench`."""
import glob, json, os, resource, sys, time, warnings
from multiprocessing import Pool

import cv2
import numpy as np
from PIL import Image

np.float_ = np.float64  # imagecorruptions 1.1.2 is older than NumPy 2, which dropped the name
warnings.simplefilter("ignore")
from imagecorruptions import corrupt  # noqa: E402

source, target, level = sys.argv[1:]
kind, severity = level.split("=")
NAMES = {"noise": "gaussian_noise", "motion": "motion_blur", "defocus": "defocus_blur", "fog": "fog"}


def one(path):
    image = np.array(Image.open(path).convert("RGB"))
    corrupted = corrupt(image, int(severity), NAMES[kind])
    Image.fromarray(corrupted).save(os.path.join(target, os.path.basename(path)))


def begin():
    cv2.setNumThreads(1)  # a process per core already


if __name__ == "__main__":
    os.makedirs(target)
    files = [f for f in sorted(glob.glob(os.path.join(source, "*.png"))) if not f.endswith("-label.png")]
    with Pool(os.cpu_count(), begin) as pool:
        start = time.perf_counter()
        pool.map(one, files)
        seconds = time.perf_counter() - start
        pool.close()
        pool.join()
    # The processes of the pool, forked after everything is imported.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime}))
