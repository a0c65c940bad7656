"""Training data, found and opened in one call."""

from __future__ import annotations

from img2img.config.sections.data import ImagesData, PairedData, UnpairedData
from img2img.data.folders.find import find_domains, find_images, find_pairs
from img2img.data.loading.dataset import TrainingData, open_data


def open_pairs(options: PairedData) -> TrainingData:
    return open_data(find_pairs(options), options)


def open_domains(options: UnpairedData) -> TrainingData:
    return open_data(find_domains(options), options)


def open_images(options: ImagesData) -> TrainingData:
    return open_data(find_images(options), options)
