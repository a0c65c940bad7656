"""What critics read off pictures: the class (ACGAN), or codes in the latent (InfoGAN)."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import cross_entropy

from img2img.adversarial import Readout
from img2img.config.networks.prior import Prior


def class_readout(weight: float, *, on_fake: bool = True) -> Readout:
    """The class of real and of fake pictures, -weight log p(label) (arXiv:1610.09585, equation 3).

    on_fake: whether the critic is charged for fakes, too; not in StarGAN (arXiv:1711.09020, equations 2 and 3).
    """

    def cost(read: Tensor, label: Tensor) -> Tensor:
        return weight * cross_entropy(read, label)

    return Readout(cost, on_real=True, on_fake=on_fake)


def code_readout(prior: Prior, categorical: float, continuous: float) -> Readout:
    """The codes of fake pictures, -log Q(code | picture), summed over codes: the mutual-information term's negative but
    for a constant (arXiv:1606.03657, equation 4).

    Q of a categorical code is a softmax, of a continuous one a Gaussian of variance 1.
    categorical, continuous: the weights. Codes are (N, prior.codes), as in a latent.
    """

    def cost(read: Tensor, codes: Tensor) -> Tensor:
        sizes = [*prior.categorical, prior.continuous]
        *guessed, means = read.split(sizes, dim=1)
        *chosen, values = codes.split(sizes, dim=1)
        total = continuous * ((values - means).square() / 2).sum(dim=1).mean()
        for logits, one_hot in zip(guessed, chosen, strict=True):
            total = total + categorical * cross_entropy(logits, one_hot)
        return total

    return Readout(cost, on_real=False)
