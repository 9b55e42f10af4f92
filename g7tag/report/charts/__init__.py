from markupsafe import Markup


def _c(*a, **k):
    return Markup("<figure class='chart'>stub</figure>")


agreement_chart = scores_chart = thresholds_chart = timeline_chart = _c
