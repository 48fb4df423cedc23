"""How far the demo's two witnesses are to be believed, learnt on items that they were not trained on (lesson 13)."""

import numpy as np

from course_lib import calibration, fusion, models, speech
from course_lib.datasets import fer2013, ravdess

RIGHT = 0.75    # of the answers that the demo gives, at least so many are right on these items


def decision_calibration(data) -> dict:
    """Temperature, threshold and F-scores of `emotion_net` (one look a face) on FER2013's validation faces, and of the
    classifier for voices on the middle of RAVDESS's takes, as long as the demo hears, each by one that never heard the
    actor.

    All three are learnt on these items and counted on them, so the counts flatter a little; nothing else is scored by
    them. Both chose how they were trained on the same items, too.
    """
    path = data / "fer2013" / "fer2013_train_public.npz"
    faces = fer2013.read(path)
    rows = models.split(faces)[1]
    seen = models.predict(models.load(models.SHIPPED / "emotion_net.npz"), faces.images[rows], moved=0)
    table, X = speech.takes(data / "ravdess" / "speech_16k")
    middles = speech.takes(data / "ravdess" / "speech_16k", speech.WINDOW)[1]
    heard = speech.out_of_fold(X, table["emotion"], ravdess.actor_folds(table), middles)
    spoken = np.array([fer2013.EMOTIONS.index(speech.SEVEN.get(name, name)) for name in table["emotion"]])
    return {"files": [path, *table["path"]], "right": RIGHT, "face": weighed(faces.labels[rows], seen),
            "voice": weighed(spoken, speech.as_seven(heard))}


def weighed(y, shares) -> dict:
    """What validation items with labels y (n,), columns of shares (n, classes), teach, as plain values."""
    shares = shares / shares.sum(axis=1, keepdims=True)
    temperature = calibration.temperature(y, shares)
    after = calibration.tempered(shares, temperature)
    line, right = calibration.threshold(y, after, RIGHT), after.argmax(axis=1) == y
    answered = after.max(axis=1) >= line
    return {"n": len(y), "accuracy": right.mean(), "temperature": temperature, "threshold": line,
            "answered": answered.mean(), "right_when_answered": right[answered].mean() if answered.any() else None,
            "f_scores": fusion.f_score_weights(y, after).round(4).tolist(),
            "ece": calibration.expected_calibration_error(y, shares),
            "ece_tempered": calibration.expected_calibration_error(y, after),
            "reliability": calibration.reliability(y, shares).to_dict("records"),
            "reliability_tempered": calibration.reliability(y, after).to_dict("records")}
