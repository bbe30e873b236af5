/** A convolution's sizes; padding in rows and columns before and behind. */
export interface ConvSizes {
  batch: number;
  height: number;
  width: number;
  channels: number;
  filters: number;
  kernel: number;
  stride: number;
  dilation: number;
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** Height and width of the result; below 1 where the kernel does not fit. */
export function outputSize({ height, width, kernel, stride, dilation, top, bottom, left, right }: ConvSizes): number[] {
  const reach = dilation * (kernel - 1) + 1;
  return [height + top + bottom - reach, width + left + right - reach].map((free) => Math.floor(free / stride) + 1);
}

/**
 * Visits every product of a convolution: the flat indices of `y [b, oh, ow, filters]`, `x [b, h, w, channels]` and
 * `w [kernel, kernel, channels, filters]` that meet. `y += x w`, `dx += dy w` and `dw += dy x` are all of it.
 */
export function visitProducts(sizes: ConvSizes, visit: (y: number, x: number, w: number) => void): void {
  const { batch, height, width, channels, filters, kernel, stride, dilation, top, left } = sizes;
  const [outHeight, outWidth] = outputSize(sizes) as [number, number];
  for (let b = 0; b < batch; b++)
    for (let oy = 0; oy < outHeight; oy++)
      for (let ox = 0; ox < outWidth; ox++)
        for (let ky = 0; ky < kernel; ky++)
          for (let kx = 0; kx < kernel; kx++) {
            const [iy, ix] = [oy * stride + ky * dilation - top, ox * stride + kx * dilation - left];
            if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
            for (let c = 0; c < channels; c++)
              for (let f = 0; f < filters; f++)
                visit(
                  ((b * outHeight + oy) * outWidth + ox) * filters + f,
                  ((b * height + iy) * width + ix) * channels + c,
                  ((ky * kernel + kx) * channels + c) * filters + f,
                );
          }
}
