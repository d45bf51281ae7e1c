"""Charts as SVG, drawn with nothing but the standard library: lines over time, and bars."""

import math
from xml.sax.saxutils import escape

INK, FAINT, GRID = "#2b2d42", "#6b7280", "#e5e7eb"
COLORS = ("#00798c", "#d1495b", "#edae49", "#8d99ae", "#5c1a2b", "#66a182")
FONT = "font-family=\"'DejaVu Sans', Verdana, sans-serif\""


def steps(most, wanted=5):
    """Round numbers from 0 up to `most` or a little less, for an axis."""
    if most <= 0:
        return [0]
    rough = most / wanted
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return [step * i for i in range(int(most / step + 1e-9) + 1)]


def decades(least, most):
    """The powers of ten around two numbers, for a logarithmic axis."""
    return [10.0 ** power for power in range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)]


def number(value):
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2g}"


class Picture:
    """A white sheet."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                      f'height="{height}" {FONT} font-size="12" fill="{INK}">',
                      f'<rect width="{width}" height="{height}" fill="white"/>']

    def text(self, x, y, words, anchor="start", size=12, color=INK, bold=False):
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
                          f'fill="{color}"{weight}>{escape(words)}</text>')

    def line(self, x1, y1, x2, y2, color=GRID, width=1.0):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" '
                          f'stroke-width="{width}"/>')

    def box(self, x, y, width, height, color, opacity=1.0):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" '
                          f'fill="{color}" fill-opacity="{opacity}"/>')

    def path(self, points, color, width=1.5):
        at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{at}" fill="none" stroke="{color}" stroke-width="{width}" '
                          'stroke-linejoin="round"/>')

    def dot(self, x, y, color, radius=3.0, hollow=False):
        fill = "white" if hollow else color
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}" stroke="{color}" '
                          'stroke-width="1.6"/>')

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join([*self.parts, "</svg>", ""]))


def over_time(path, title, panels, bands=(), unit="minutes"):
    """Panels one below the other with time in common. `panels`: (heading, {name: [(time, value), …]}); `bands`:
    (from, to) shaded."""
    width, each, left, right, top = 900, 150, 70, 20, 44
    picture = Picture(width, top + (each + 46) * len(panels) + 24)
    picture.text(left, 24, title, size=15, bold=True)
    end = max((x for _, lines in panels for points in lines.values() for x, _ in points), default=1) or 1

    def across(x):
        return left + (width - left - right) * x / end

    for index, (heading, lines) in enumerate(panels):
        y0 = top + index * (each + 46) + 14
        most = max((y for points in lines.values() for _, y in points), default=0) or 1
        most *= 1.08
        for begin, until in bands:
            picture.box(across(begin), y0, across(min(until, end)) - across(begin), each, COLORS[1], 0.08)
        for value in steps(most):
            y = y0 + each - each * value / most
            picture.line(left, y, width - right, y)
            picture.text(left - 8, y + 4, number(value), "end", 11, FAINT)
        picture.text(left, y0 - 6, heading, size=12, bold=True)
        x = width - right
        for name, color in reversed(list(zip(lines, COLORS))):
            picture.text(x, y0 - 6, name, "end", 11, color)
            x -= 7 * len(name) + 16
        for points, color in zip(lines.values(), COLORS):
            picture.path([(across(x), y0 + each - each * y / most) for x, y in points], color)
    bottom = top + len(panels) * (each + 46) - 14
    for value in steps(end, 10):
        picture.text(across(value), bottom, number(value), "middle", 11, FAINT)
    picture.text(width - right, bottom + 18, unit, "end", 11, FAINT)
    picture.save(path)


def bars(path, title, groups, note="", names_width=130, columns=3):
    """Horizontal bars: `groups` is a list of (heading, [(name, value, text, ours), …]), `columns` of them side by side.
    Each has a scale of its own; `ours` is drawn in the first colour."""
    each, row, head = names_width + 260, 22, 34
    bands = [groups[i:i + columns] for i in range(0, len(groups), columns)]
    heights = [head + row * max(len(entries) for _, entries in band) + 10 for band in bands]
    picture = Picture(each * min(columns, len(groups)) + 20, 40 + sum(heights) + (24 if note else 0))
    picture.text(16, 26, title, size=15, bold=True)
    top = 40
    for band, height in zip(bands, heights):
        for index, (heading, entries) in enumerate(band):
            x0, x1 = 16 + index * each, 16 + index * each + names_width
            picture.text(x1, top + 20, heading, size=12, bold=True)
            most = max((value for _, value, *_ in entries), default=1) or 1
            for place, (name, value, text, ours) in enumerate(entries):
                y = top + head + place * row
                picture.text(x1 - 6, y + 12, name, "end", 11, bold=ours)
                length = max((each - names_width - 90) * value / most, 1)
                picture.box(x1, y, length, row - 6, COLORS[0] if ours else COLORS[3])
                picture.text(x1 + length + 5, y + 12, text, size=11, color=FAINT)
        top += height
    if note:
        picture.text(16, picture.height - 10, note, size=11, color=FAINT)
    picture.save(path)


def growth(path, title, panels, note=""):
    """How a cost grows: panels side by side, `panels` a list of (heading, axis, {name: [(x, y), …]}), x logarithmic and
    y from 0."""
    each, height, left, top = 300, 190, 56, 64
    picture = Picture(each * len(panels) + 24, top + height + 74)
    picture.text(16, 26, title, size=15, bold=True)
    for index, (heading, axis, lines) in enumerate(panels):
        x0, wide = index * each + left, each - left - 18
        picture.text(x0 - 40, top - 14, heading, size=12, bold=True)
        xs = sorted({x for points in lines.values() for x, _ in points})
        most = (max((y for points in lines.values() for _, y in points), default=0) or 1) * 1.1
        low, high = math.log(xs[0]), math.log(xs[-1])

        def across(x, x0=x0, wide=wide, low=low, high=high):
            return x0 + wide * ((math.log(x) - low) / (high - low) if high > low else 0.5)

        for value in steps(most):
            y = top + height - height * value / most
            picture.line(x0, y, x0 + wide, y)
            picture.text(x0 - 6, y + 4, number(value), "end", 10, FAINT)
        for x in xs:
            words = f"{x // 1000000}M" if x >= 1000000 else f"{x // 1000}k" if x >= 1000 and x % 1000 == 0 else number(x)
            picture.text(across(x), top + height + 16, words, "middle", 10, FAINT)
        picture.text(x0 + wide / 2, top + height + 33, axis, "middle", 11, FAINT)
        for place, ((name, points), color) in enumerate(zip(lines.items(), COLORS)):
            at = [(across(x), top + height - height * y / most) for x, y in points]
            picture.path(at, color)
            for x, y in at:
                picture.dot(x, y, color)
            if len(lines) > 1:
                picture.text(x0 + wide * place / len(lines), top + height + 50, name, size=11, color=color)
    if note:
        picture.text(16, picture.height - 8, note, size=11, color=FAINT)
    picture.save(path)
