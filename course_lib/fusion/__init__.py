"""Fuse several modalities: their features, what a network of each has learnt (lecture 27 from 27:37), or
decisions.

*Early fusion* puts features side by side and trains one classifier on them: scale them with `Blocks`, then
any classifier. The lecture's *late fusion* (39:03), which the field calls intermediate fusion, trains a
network a modality and fuses what each has learnt: `representations.LateFusion`; *hybrid fusion* (00:22) has a
stream on all features besides. *Decision fusion*, the field's late fusion (project IIITA), takes the
probabilities that a classifier of each modality answers with: `fuse_decisions` by mean or product, with
weights or without; `LearnedFusion`.

A missing modality is a row of NaN (`MISSING`) in its columns: `Blocks` puts the training mean in its place,
`combine` and `LateFusion` do as `combine` says; decisions are fused of the modalities that are there.
`representations` and `frame_features` need a Keras backend; what is imported here does not."""

from course_lib.fusion.blocks import HOW, MISSING, Blocks, combine, split_modalities
from course_lib.fusion.decisions import LearnedFusion, f_score_weights, fuse_decisions

__all__ = [
    "HOW",
    "MISSING",
    "Blocks",
    "LearnedFusion",
    "combine",
    "f_score_weights",
    "fuse_decisions",
    "split_modalities",
]
