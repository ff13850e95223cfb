"""One legend for all panels: where a panel is missing, or below; never over the curves."""

import pytest

from halocline.report.panels import panel_grid, shared_legend


@pytest.mark.parametrize(("count", "beside"), [(1, True), (3, False), (5, True), (6, False)])
def test_the_legend_covers_no_curve(count, beside):
    figure, panels = panel_grid(count)
    for axes in panels:
        axes.plot([0.0, 1.0], [1.0, 0.0], label="truth")
    shared_legend(panels)
    figure.draw_without_rendering()
    drawn = figure.axes[-1].get_legend() if beside else figure.legends[0]
    assert [text.get_text() for text in drawn.get_texts()] == ["truth"]
    assert len(figure.axes) == count + beside
    box = drawn.get_window_extent()
    assert not any(box.overlaps(axes.get_tightbbox()) for axes in panels)
