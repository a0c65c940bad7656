"""Image-to-image GANs: trained, measured and applied to photographs."""

__version__ = "0.1.0"
