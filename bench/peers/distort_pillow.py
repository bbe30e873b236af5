"""Distorts the PNGs of a folder with Pillow, one process per core: the peer of gearnn's `distort` in `npm run bench`."""
import glob, json, os, resource, sys, time
from multiprocessing import Pool
from PIL import Image, ImageEnhance

source, target, level = sys.argv[1:]
kind, value = level.split("=")


def one(path):
    image = Image.open(path).convert("RGB")
    name = os.path.join(target, os.path.basename(path))
    if kind == "jpeg":
        image.save(name[:-4] + ".jpg", quality=int(value))
    else:
        ImageEnhance.Brightness(image).enhance(float(value)).save(name)


if __name__ == "__main__":
    os.makedirs(target)
    files = [f for f in sorted(glob.glob(os.path.join(source, "*.png"))) if not f.endswith("-label.png")]
    with Pool(os.cpu_count()) as pool:
        start = time.perf_counter()
        pool.map(one, files)
        seconds = time.perf_counter() - start
        pool.close()
        pool.join()
    # The processes of the pool: they import nothing of their own, so that is the work.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime}))
