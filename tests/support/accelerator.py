"""An accelerator that is none: tensors on it are held by the CPU, but do not go together with the CPU's own.

Inside `Accelerator()` an op that is given tensors of both devices raises Mixed, as a GPU's would, and every wait of the
host for the device is counted by the line that waits. Switches of the whole process: import it in one of its own,
before anything makes tensors. It stands on private interfaces of torch (seen with 2.14); no streams, no kernels.
"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _DummyBackendModule, _setup_privateuseone_for_python_backend

import img2img

NAME = "pretended"
PACKAGE = str(Path(img2img.__file__).parent)

READS = frozenset({
    "_local_scalar_dense", "nonzero", "masked_select", "unique_consecutive", "unique_dim", "_unique2", "equal",
    "is_nonzero", "bincount", "multinomial", "repeat_interleave.Tensor", "_linalg_check_errors",
})  # fmt: skip
"""Ops whose result, or its shape, the host has to know: on CUDA they wait until all that was asked for is done.

multinomial checks its weights on the host.
"""
NOT_ON_MPS = frozenset({"special_ndtri"})
"""Ops that have no kernel there. What has float64 has none either."""
CROSSING = frozenset({"_to_copy", "copy_"})
"""Ops that take tensors of both devices."""
INDEXING = frozenset({"index.Tensor", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index.Tensor"})


class Mixed(RuntimeError):
    """An op was given tensors of the device and of the CPU."""


class _Backend(_DummyBackendModule):  # type: ignore[misc]
    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16, torch.float16]

    def get_rng_state(self, device: object = None) -> Tensor:
        return torch.get_rng_state()

    def set_rng_state(self, state: Tensor, device: object = None) -> None:
        torch.set_rng_state(state)


def _without_gradients(mode: Any = True) -> Any:
    """In place of inference mode, in which ops reach a mode before torch has taken them apart."""
    if callable(mode):
        return torch.no_grad()(mode)
    return torch.no_grad() if mode else nullcontext()


torch.inference_mode = _without_gradients  # type: ignore[assignment, misc]
_setup_privateuseone_for_python_backend(NAME, _Backend())
torch.__future__.set_overwrite_module_params_on_conversion(True)  # no tensor of the CPU can become one of this kind
torch.autograd.set_multithreading_enabled(False)  # backward passes have to stay in the thread that has the mode
DEVICE = torch.device(NAME, 0)


class Held(Tensor):
    """A tensor of the device; `values` are the CPU's."""

    values: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, values: Tensor) -> Held:
        made: Held = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, values.shape, strides=values.stride(), storage_offset=values.storage_offset(), dtype=values.dtype,
            device=DEVICE,
        )  # fmt: skip
        return made

    def __init__(self, values: Tensor) -> None:
        self.values = values

    def tolist(self) -> Any:
        return self.cpu().tolist()

    def __repr__(self, **_: object) -> str:
        return f"Held({tuple(self.shape)}, {self.dtype})"

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise RuntimeError(f"{func} of the accelerator, outside of `Accelerator()`")


class Accelerator(TorchDispatchMode):
    """waits: {(what waits, "file:line" of the package): times}; not_on_mps: as waits, of ops that MPS has not."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: Counter[tuple[str, str]] = Counter()
        self.not_on_mps: Counter[tuple[str, str]] = Counter()
        self._made = _Made(self)

    def __enter__(self) -> Accelerator:
        self._made.__enter__()
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._made.__exit__(*error)

    def waited(self, what: str) -> None:
        """Counts a wait."""
        self.waits[what, _line()] += 1

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        held = [tensor for tensor in tensors if isinstance(tensor, Held)]
        wanted = torch.device(kwargs["device"]) if kwargs.get("device") is not None else None
        if not held and (wanted is None or wanted.type != NAME):
            return func(*args, **kwargs)
        name = str(func).removeprefix("aten.").removesuffix(".default")
        self._judge(name, tensors, args, kwargs, wanted)
        if wanted is not None:
            kwargs["device"] = torch.device("cpu")
        bare_args, bare_kwargs = tree_map(_bare, (args, kwargs))
        result = func(*bare_args, **bare_kwargs)
        if name == "_to_copy" and wanted is not None and wanted.type == "cpu":
            return result
        made = [leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
        if name in NOT_ON_MPS or any(tensor.dtype == torch.float64 for tensor in made):
            self.not_on_mps[name, _line()] += 1
        given = _written(func, args, kwargs)
        if given:
            return given[0] if len(given) == 1 else tuple(given)
        return tree_map(lambda value: Held(value) if isinstance(value, Tensor) else value, result)

    def _judge(self, name: str, tensors: list[Tensor], args: Any, kwargs: Any, wanted: torch.device | None) -> None:
        on_cpu = [tensor for tensor in tensors if not isinstance(tensor, Held)]
        if name == "_to_copy":
            if on_cpu or (wanted is not None and wanted.type == "cpu"):
                self._crossed(kwargs.get("non_blocking", False))
        elif name == "copy_":
            if on_cpu:
                self._crossed(len(args) > 2 and args[2])
        elif name in INDEXING:
            picks = [pick for pick in args[1] if pick is not None]
            if not isinstance(args[0], Held):
                raise Mixed(f"{name}: a tensor of the CPU by places of the device, at {_line()}")
            if any(not isinstance(pick, Held) for pick in picks):
                self.waited("places of the CPU")
            elif any(pick.dtype in (torch.bool, torch.uint8) for pick in picks):
                self.waited("places by truth")
        elif any(tensor.dim() for tensor in on_cpu):  # single numbers of the CPU travel with the launch
            raise Mixed(f"{name}: tensors of the device and of the CPU, at {_line()}")
        elif name in READS:
            self.waited(name)

    def _crossed(self, non_blocking: bool) -> None:
        if not non_blocking:
            self.waited("copy")


class _Made(TorchFunctionMode):
    """torch.tensor(..., device=) and new_tensor fill the tensor without an op that a mode would see."""

    def __init__(self, accelerator: Accelerator) -> None:
        super().__init__()
        self.accelerator = accelerator

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        device = kwargs.get("device")
        if func is Tensor.new_tensor and (isinstance(args[0], Held) if device is None else _is_ours(device)):
            return self._filled(args[1], kwargs.get("dtype") or args[0].dtype)
        if func in (torch.tensor, torch.as_tensor) and device is not None and _is_ours(device):
            if isinstance(args[0], Tensor):
                return args[0].to(DEVICE, kwargs.get("dtype"))
            return self._filled(args[0], kwargs.get("dtype"))
        return func(*args, **kwargs)

    def _filled(self, values: Any, dtype: torch.dtype | None) -> Tensor:
        self.accelerator.waited("copy of numbers")
        return Held(torch.tensor(values, dtype=dtype))


def _is_ours(device: Any) -> bool:
    return torch.device(device).type == NAME


def _bare(value: Any) -> Any:
    return value.values if isinstance(value, Held) else value


def _written(func: Any, args: Any, kwargs: Any) -> list[Any]:
    """What an op in place, or with out=, returns: the tensors that it was given to write to."""
    returned = func._schema.returns
    if not returned or not all(value.alias_info is not None and value.alias_info.is_write for value in returned):
        return []
    written = []
    for place, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            written.append(args[place] if place < len(args) else kwargs[argument.name])
    return written


def _line() -> str:
    """The innermost line of the package that led here, as "data/crop.py:23"; "?" without one."""
    frame = sys._getframe(1)
    found = "?"
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(PACKAGE):
            return f"{Path(file).relative_to(PACKAGE).as_posix()}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return found
