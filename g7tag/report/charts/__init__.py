"""Charts of frames as figures for the HTML page of a run; their styles are in `templates/charts.css`."""

from g7tag.report.charts.agreement import agreement_chart
from g7tag.report.charts.scores import scores_chart, thresholds_chart
from g7tag.report.charts.timeline import timeline_chart

__all__ = ["agreement_chart", "scores_chart", "thresholds_chart", "timeline_chart"]
