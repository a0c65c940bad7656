"""Offsets for each pixel of a hole: copies that continue what is known, and look like a coarse fill from afar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from img2img.data.masks.values import Hole
from img2img.images.decode import Samples

from .labelling import choose_labels
from .offsets import Offsets, find_offsets

PATCH = 9
LABELS = 12
GUIDE = 0.15
EDGE = 1.0
SEAM = 4.0
COMMON, WANTED = 64, 96
ROUNDS = 2
COARSENESS = 2.5


@dataclass(frozen=True)
class ShiftMap:
    """offsets: (n, 2) for each pixel of the hole row by row. misfit: (n,), mean squared difference around each."""

    offsets: Offsets
    misfit: Samples


def find_shift_map(picture: Samples, hole: Hole) -> ShiftMap | None:
    import cv2

    offsets = find_offsets(picture, hole, COMMON, WANTED)
    if not len(offsets):
        return None
    offsets = _usable(offsets, hole)
    smooth = blurred_known(picture, hole, COARSENESS)
    target = np.where(hole, np.stack([cv2.GaussianBlur(p, (0, 0), 1.0) for p in picture]), picture)
    weight = np.where(hole, np.float32(GUIDE), np.float32(1))
    sharp = False
    for _ in range(ROUNDS):
        costs = _costs(target, weight, picture, picture if sharp else smooth, hole, offsets)
        costs += EDGE * edge_costs(picture, hole, offsets)
        labels = np.argpartition(costs, min(LABELS, len(costs)) - 1, 0)[: LABELS] 
        own = np.take_along_axis(costs, labels, 0)
        chosen = choose_labels(own, labels, offsets, picture, hole, SEAM)
        target = picture.copy()
        target[:, hole > 0] = copied(picture, hole, offsets[chosen])
        weight = np.where(hole, np.float32(ROUND2), np.float32(1)); sharp = True
    misfit = np.take_along_axis(costs, chosen[None], 0)[0]
    return ShiftMap(offsets[chosen], misfit)
ROUND2=0.5

def copied(picture, hole, offsets):
    y, x = np.nonzero(hole)
    h, w = hole.shape
    return picture[:, (y + offsets[:, 0]).clip(0, h - 1), (x + offsets[:, 1]).clip(0, w - 1)]


def blurred_known(picture, hole, sigma):
    import cv2
    known = (1 - hole).astype(np.float32)
    share = cv2.GaussianBlur(known, (0, 0), sigma)
    return np.stack([cv2.GaussianBlur(p * known, (0, 0), sigma) / np.maximum(share, 1e-6) for p in picture])


def _usable(offsets, hole):
    """nearest known"""
    return offsets


BAD = 1e3

def _costs(target, weight, picture, soft, hole, offsets):
    import cv2
    h, w = hole.shape
    r = PATCH // 2
    ys, xs = np.nonzero(hole)
    t, b, l, rt = max(0, ys.min() - r), min(h, ys.max() + r + 1), max(0, xs.min() - r), min(w, xs.max() + r + 1)
    where = ys - t, xs - l
    inner = hole[t:b, l:rt] > 0
    tgt, wgt = target[:, t:b, l:rt], weight[t:b, l:rt]
    both = np.where(hole, 0, 1).astype(np.float32)
    costs = np.empty((len(offsets), len(ys)), np.float32)
    pad_known = both
    for k, (dy, dx) in enumerate(offsets.tolist()):
        y0, y1, x0, x1 = max(t, -dy), min(b, h - dy), max(l, -dx), min(rt, w - dx)
        diff = np.zeros(inner.shape, np.float32); share = np.zeros(inner.shape, np.float32)
        if y0 >= y1 or x0 >= x1:
            costs[k] = BAD; continue
        here = slice(y0 - t, y1 - t), slice(x0 - l, x1 - l)
        there = slice(y0 + dy, y1 + dy), slice(x0 + dx, x1 + dx)
        src = np.where(inner[here], soft[:, there[0], there[1]], picture[:, there[0], there[1]])
        d = tgt[:, here[0], here[1]] - src
        known = both[there]
        s = wgt[here] * known
        diff[here] = np.einsum('chw,chw->hw', d, d) * s
        share[here] = s
        valid = np.zeros(inner.shape, np.float32); valid[here] = known
        num = cv2.boxFilter(diff, -1, (PATCH, PATCH), normalize=False, borderType=cv2.BORDER_CONSTANT)
        den = cv2.boxFilter(share, -1, (PATCH, PATCH), normalize=False, borderType=cv2.BORDER_CONSTANT)
        c = num / np.maximum(den, 1e-6)
        # known px in the patch make the cost count more
        c = np.where((valid > 0) & (den > 1e-4), c, BAD)
        costs[k] = c[where]
    return costs


def edge_costs(picture, hole, offsets):
    """difference at known neighbours of hole's pixels"""
    h, w = hole.shape
    y, x = np.nonzero(hole)
    total = np.zeros((len(offsets), len(y)), np.float32)
    for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        qy, qx = y + a, x + b
        ok = (qy >= 0) & (qy < h) & (qx >= 0) & (qx < w)
        ok[ok] = hole[qy[ok], qx[ok]] == 0
        idx = np.flatnonzero(ok)
        if not len(idx): continue
        qy, qx = qy[idx], qx[idx]
        ty, tx = qy + offsets[:, :1], qx + offsets[:, 1:]
        inside = (ty >= 0) & (ty < h) & (tx >= 0) & (tx < w)
        ty, tx = ty.clip(0, h - 1), tx.clip(0, w - 1)
        inside &= hole[ty, tx] == 0
        d = np.square(picture[:, ty, tx] - picture[:, qy, qx][:, None]).sum(0)
        total[:, idx] += np.where(inside, d, 4.0)
    return total


def steps(picture, hole, offsets):
    """wanted gradients down and across (C,h,w): mean of what the copies at both ends say."""
    h, w = hole.shape
    num = np.zeros((2,) + picture.shape, np.float32); cnt = np.zeros((2, h, w), np.float32)
    oy = np.zeros((h, w), np.int64); ox = np.zeros((h, w), np.int64)
    oy[hole > 0] = offsets[:, 0]; ox[hole > 0] = offsets[:, 1]
    Y, X = np.mgrid[:h, :w]
    for k, (a, b) in enumerate(((1, 0), (0, 1))):
        p = (slice(0, h - a), slice(0, w - b)); q = (slice(a, h), slice(b, w))
        touched = (hole[p] | hole[q]) > 0
        for end in (p, q):
            py, px = Y[p] + oy[end], X[p] + ox[end]
            qy, qx = py + a, px + b
            ok = (py >= 0) & (px >= 0) & (qy < h) & (qx < w) & touched
            py, px, qy, qx = py.clip(0, h-1), px.clip(0, w-1), qy.clip(0, h-1), qx.clip(0, w-1)
            ok &= (hole[py, px] == 0) & (hole[qy, qx] == 0)
            num[k][:, :h-a, :w-b] += np.where(ok, picture[:, qy, qx] - picture[:, py, px], 0)
            cnt[k][:h-a, :w-b] += ok
    return num / np.maximum(cnt, 1)[:, None]
