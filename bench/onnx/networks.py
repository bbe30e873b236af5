"""The networks whose ONNX files gearnn is compared on: four libraries, built without pretrained weights.

`NETWORKS` holds, by name, a function that builds the network and the side of its square input in pixels. A network that answers with a
dictionary or an object is wrapped, so that its file has the tensors as outputs.
"""

import pathlib
import sys

import torch

# DRN lies beside the other programs that gearnn is compared with.
PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"


class Answer(torch.nn.Module):
    """A network with `pick` applied to its answer."""

    def __init__(self, network, pick):
        super().__init__()
        self.network = network
        self.pick = pick

    def forward(self, x):
        return self.pick(self.network(x))


class Heads(torch.nn.Module):
    """A detector of torchvision up to its heads' raw outputs: what comes after chooses boxes, which no gradient passes."""

    def __init__(self, detector):
        super().__init__()
        self.backbone = detector.backbone
        self.head = detector.head

    def forward(self, x):
        features = list(self.backbone(x).values())
        answer = self.head(features)
        return answer["cls_logits"], answer["bbox_regression"]


def torchvision_model(name, pick=None, heads=False, **options):
    def build():
        import torchvision

        network = torchvision.models.get_model(name, weights=None, **options)
        if heads:
            return Heads(network)
        return Answer(network, pick) if pick else network

    return build


def timm_model(name, **options):
    def build():
        import timm

        return timm.create_model(name, pretrained=False, **options)

    return build


def smp_model(architecture, encoder, **options):
    def build():
        import segmentation_models_pytorch as smp

        return getattr(smp, architecture)(encoder, encoder_weights=None, classes=5, **options)

    return build


def transformers_model(model, config, pick=lambda answer: answer[0], **options):
    def build():
        import transformers

        settings = getattr(transformers, config)(**options)
        network = getattr(transformers, model)._from_config(settings, attn_implementation="eager")
        return Answer(network, pick)

    return build


def drn_model(name, classes):
    def build():
        sys.path.insert(0, str(PEERS))
        from drn import DRN

        return DRN(name, classes)

    return build


def out(answer):
    return answer["out"]


def two(answer):
    return answer[0], answer[1]


VIT = dict(hidden_size=96, num_hidden_layers=3, num_attention_heads=3, intermediate_size=192)

NETWORKS = {
    # The five whose gradients are compared come first.
    "torchvision-resnet18": (torchvision_model("resnet18"), 128),
    "torchvision-lraspp": (torchvision_model("lraspp_mobilenet_v3_large", out, weights_backbone=None), 128),
    "timm-convnext_tiny": (timm_model("convnext_tiny"), 96),
    "torchvision-efficientnet_b0": (torchvision_model("efficientnet_b0"), 128),
    "smp-unet": (smp_model("Unet", "resnet18"), 128),
    "hf-segformer": (
        transformers_model("SegformerForSemanticSegmentation", "SegformerConfig", num_labels=19),
        128,
    ),
    "torchvision-resnet50": (torchvision_model("resnet50"), 128),
    "timm-vit_tiny": (timm_model("vit_tiny_patch16_224"), 224),
    "torchvision-mobilenet_v3_large": (torchvision_model("mobilenet_v3_large"), 128),
    "smp-deeplabv3plus": (smp_model("DeepLabV3Plus", "resnet18"), 128),
    "torchvision-swin_t": (torchvision_model("swin_t"), 128),
    "hf-convnextv2": (
        transformers_model(
            "ConvNextV2ForImageClassification",
            "ConvNextV2Config",
            hidden_sizes=[24, 48, 96, 192],
            depths=[1, 1, 2, 1],
        ),
        96,
    ),
    "torchvision-densenet121": (torchvision_model("densenet121"), 96),
    "timm-efficientvit_b0": (timm_model("efficientvit_b0"), 128),
    "smp-fpn": (smp_model("FPN", "resnet18"), 128),
    "torchvision-deeplabv3_mobilenet": (
        torchvision_model("deeplabv3_mobilenet_v3_large", out, weights_backbone=None),
        128,
    ),
    "timm-mobilevit_xxs": (timm_model("mobilevit_xxs"), 128),
    "hf-vit": (transformers_model("ViTForImageClassification", "ViTConfig", image_size=64, patch_size=8, **VIT), 64),
    "torchvision-shufflenet_v2": (torchvision_model("shufflenet_v2_x0_5"), 128),
    "timm-regnety_002": (timm_model("regnety_002"), 128),
    "smp-pspnet": (smp_model("PSPNet", "resnet18"), 192),
    "torchvision-googlenet": (torchvision_model("googlenet", aux_logits=False, init_weights=False), 128),
    "timm-hrnet_w18_small": (timm_model("hrnet_w18_small"), 128),
    "hf-swin": (
        transformers_model(
            "SwinForImageClassification",
            "SwinConfig",
            image_size=64,
            patch_size=4,
            embed_dim=24,
            depths=[2, 2],
            num_heads=[2, 4],
            window_size=4,
        ),
        64,
    ),
    "timm-ghostnet_100": (timm_model("ghostnet_100"), 128),
    "torchvision-squeezenet1_1": (torchvision_model("squeezenet1_1"), 96),
    "smp-manet": (smp_model("MAnet", "resnet18"), 128),
    "timm-edgenext_xx_small": (timm_model("edgenext_xx_small"), 128),
    "hf-dpt": (
        transformers_model(
            "DPTForDepthEstimation",
            "DPTConfig",
            image_size=64,
            patch_size=8,
            backbone_out_indices=[0, 1, 2, 3],
            neck_hidden_sizes=[24, 48, 96, 96],
            fusion_hidden_size=32,
            reassemble_factors=[4, 2, 1, 0.5],
            **{**VIT, "num_hidden_layers": 4},
        ),
        64,
    ),
    "timm-repvgg_a0": (timm_model("repvgg_a0"), 96),
    "torchvision-maxvit_t": (torchvision_model("maxvit_t"), 224),
    "smp-linknet": (smp_model("Linknet", "resnet18"), 128),
    "timm-mixer_s32": (timm_model("mixer_s32_224"), 224),
    "torchvision-regnet_x_400mf": (torchvision_model("regnet_x_400mf"), 128),
    "hf-beit": (
        transformers_model(
            "BeitForImageClassification",
            "BeitConfig",
            image_size=64,
            patch_size=8,
            use_relative_position_bias=True,
            **VIT,
        ),
        64,
    ),
    "timm-mobilenetv4_conv_small": (timm_model("mobilenetv4_conv_small"), 128),
    "timm-xcit_nano": (timm_model("xcit_nano_12_p16_224"), 128),
    "smp-pan": (smp_model("PAN", "resnet18"), 128),
    "torchvision-mnasnet0_5": (torchvision_model("mnasnet0_5"), 128),
    "hf-mobilevit": (
        transformers_model("MobileViTForSemanticSegmentation", "MobileViTConfig", image_size=128, num_labels=19),
        128,
    ),
    "timm-levit_128s": (timm_model("levit_128s"), 224),
    "torchvision-convnext_tiny": (torchvision_model("convnext_tiny"), 96),
    "smp-unetplusplus": (smp_model("UnetPlusPlus", "resnet18"), 96),
    "timm-fastvit_t8": (timm_model("fastvit_t8"), 128),
    "hf-dinov2": (
        transformers_model(
            "Dinov2Model", "Dinov2Config", image_size=56, patch_size=14, hidden_size=96, num_hidden_layers=3, num_attention_heads=3
        ),
        56,
    ),
    "torchvision-ssdlite320": (
        torchvision_model("ssdlite320_mobilenet_v3_large", heads=True, weights_backbone=None, num_classes=5),
        160,
    ),
    "timm-resnest14d": (timm_model("resnest14d"), 96),
    "smp-upernet": (smp_model("UPerNet", "resnet18"), 192),
    "timm-botnet26t": (timm_model("botnet26t_256"), 256),
    "torchvision-inception_v3": (torchvision_model("inception_v3", aux_logits=False, init_weights=False), 139),
    "hf-clip_vision": (
        transformers_model("CLIPVisionModel", "CLIPVisionConfig", pick=two, image_size=64, patch_size=8, **VIT),
        64,
    ),
    "timm-poolformer_s12": (timm_model("poolformer_s12"), 96),
    "torchvision-vit_b_16": (torchvision_model("vit_b_16"), 224),
    "smp-segformer": (smp_model("Segformer", "mit_b0"), 128),
    "timm-res2net50": (timm_model("res2net50_26w_4s"), 96),
    "hf-yolos": (
        transformers_model("YolosForObjectDetection", "YolosConfig", pick=two, image_size=[64, 64], patch_size=8, num_detection_tokens=20, **VIT),
        64,
    ),
    "timm-cait_xxs24": (timm_model("cait_xxs24_224"), 224),
    "torchvision-fcn_resnet50": (torchvision_model("fcn_resnet50", out, weights_backbone=None), 96),
    "timm-focalnet_tiny": (timm_model("focalnet_tiny_srf"), 128),
    "torchvision-efficientnet_v2_s": (torchvision_model("efficientnet_v2_s"), 128),
    "smp-dpt": (smp_model("DPT", "tu-vit_tiny_patch16_224"), 224),
    "timm-davit_tiny": (timm_model("davit_tiny"), 224),
    "hf-glpn": (transformers_model("GLPNForDepthEstimation", "GLPNConfig"), 128),
    "timm-coat_lite_tiny": (timm_model("coat_lite_tiny"), 224),
    "torchvision-swin_v2_t": (torchvision_model("swin_v2_t"), 128),
    "timm-dla34": (timm_model("dla34"), 96),
    "timm-nf_regnet_b0": (timm_model("nf_regnet_b0"), 128),
    "timm-pvt_v2_b0": (timm_model("pvt_v2_b0"), 128),
    "torchvision-retinanet": (
        torchvision_model("retinanet_resnet50_fpn", heads=True, weights_backbone=None, num_classes=5),
        128,
    ),
    "timm-tf_efficientnetv2_b0": (timm_model("tf_efficientnetv2_b0"), 128),
    "timm-gcvit_xxtiny": (timm_model("gcvit_xxtiny"), 224),
    "timm-mixnet_s": (timm_model("mixnet_s"), 128),
    "timm-eva02_tiny": (timm_model("eva02_tiny_patch14_224"), 224),
    "torchvision-resnext50": (torchvision_model("resnext50_32x4d"), 96),
    "timm-convmixer_768": (timm_model("convmixer_768_32"), 96),
    "timm-inception_next": (timm_model("inception_next_tiny"), 96),
    "timm-hgnetv2_b0": (timm_model("hgnetv2_b0"), 128),
    "timm-swiftformer_xs": (timm_model("swiftformer_xs"), 224),
    "timm-visformer_tiny": (timm_model("visformer_tiny"), 224),
    "timm-skresnet18": (timm_model("skresnet18"), 96),
    # gearnn's own network, in PyTorch.
    "drn-d-22": (drn_model("drn-d-22", 19), 256),
}

# Exported with their normalizations left as they are as well, so that weights keep their names.
WITH_GRADIENTS = list(NETWORKS)[:5]
