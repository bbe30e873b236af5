"""Weights and pictures that are random, the same every time, and that make a network answer like a trained one: no layer dies or explodes."""

import torch


def seed_weights(network, size, seed=0):
    """Fills what its library leaves constant, and brings the statistics of batch normalizations to those of seeded pictures of `size` pixels."""
    generator = torch.Generator().manual_seed(seed)

    def noise(shape, low, high):
        return torch.rand(shape, generator=generator) * (high - low) + low

    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.numel() < 2 or not parameter.is_floating_point() or parameter.std() > 0:
                continue
            value = parameter.flatten()[0].item()
            if value == 0:
                # Biases, and the embeddings and last layers that start at zero.
                parameter.copy_(noise(parameter.shape, -0.05, 0.05))
            elif abs(value) < 1e-2:
                # A layer's scale, which starts where its branch is next to nothing.
                parameter.copy_(noise(parameter.shape, 0.05, 0.15))
            else:
                parameter.mul_(noise(parameter.shape, 0.8, 1.2))
        normalizations = [
            module for module in network.modules() if isinstance(module, torch.nn.modules.batchnorm._BatchNorm)
        ]
        network.eval()
        for module in normalizations:
            module.reset_running_stats()
            module.momentum = None
            module.train()
        if normalizations:
            network(pictures(4, size, seed + 1))
        network.eval()
    return network


def pictures(count, size, seed=0):
    """Normalized pictures `[count, 3, height, width]`: smooth shapes and some noise, mean 0, deviation about 1.

    `size` is both sides, or height and width.
    """
    size = (size, size) if isinstance(size, int) else size
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 6, 6, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, size=size, mode="bicubic", align_corners=False)
    return smooth + 0.2 * torch.randn(count, 3, *size, generator=generator)
