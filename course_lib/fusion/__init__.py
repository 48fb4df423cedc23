"""Fuse several modalities: their features, representations that networks have learnt (lecture 27 from 27:37),
or their predictions.

*Early fusion* puts the features side by side and trains one classifier on them: scale them with `Blocks`,
then use any classifier. The lecture's *late fusion* (39:03), which the field calls intermediate fusion,
trains a network for each modality and fuses what these have learnt: `representations.LateFusion`. *Hybrid
fusion* (00:22) adds a network on all features. *Decision fusion*, the field's late fusion (project IIITA),
combines the class probabilities of one classifier for each modality: `fuse_decisions` by mean or product,
with or without weights or priors, or `LearnedFusion`.

A missing modality is a row of NaN (`MISSING`) in its columns. `Blocks` replaces it by the training mean;
`combine` and `LateFusion` treat it as described in `combine`; decision fusion uses the other modalities.
`representations` and `frame_features` need a Keras backend. What is imported here does not."""

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
