"""Makes table.md, latency.svg and latency.png from results.json: draw.py DIRECTORY"""

import json
import os
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.patches import Patch  # noqa: E402

WAYS = {"sync": ("logging, each record posted", "#d1495b"), "fapilog": ("fapilog in process", "#edae49"),
        "ship": ("stdout | fapilog-ship", "#00798c"), "cat": ("stdout | cat >/dev/null", "#8d99ae")}
SINKS = {"2": "2 ms", "50": "50 ms", "500": "500 ms", "hangs": "never"}
INK = "#2b2d42"
ENDINGS = (("delivered", "delivered", "#00798c"), ("counted", "lost, and counted", "#b7d5d4"),
           ("uncounted", "lost without a count", "#d1495b"), ("unserved", "request not answered", "#5c1a2b"))


def milliseconds(seconds, at_least=False):
    value = seconds * 1000
    text = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
    return ("> " if at_least else "") + text


def endings(result):
    """How many of the requests' lines had which ending."""
    return {"delivered": result["delivered"], "counted": result["counted"], "uncounted": result["uncounted"],
            "unserved": max(result["requests"] - result["logged"], 0)}


def table(results):
    rows = [["log server answers after", "logging", "p50 ms", "p99 ms", "p99.9 ms", "log call p50, p99.9 ms", "delivered",
             "lost, counted", "lost, no count", "CPU s, app + reader", "memory MB, app + reader"]]
    for sink, after in SINKS.items():
        for way, (name, _) in WAYS.items():
            one = results.get(f"{way}:{sink}")
            if not one:
                continue
            late = [one["unanswered"] > share * one["requests"] for share in (0.5, 0.01, 0.001)]
            row = [after, "`" + name.replace("|", "\\|") + "`" if "|" in name else name]
            row += [milliseconds(one["latency"][q], at_least) for q, at_least in zip(("p50", "p99", "p999"), late)]
            row.append(f"{milliseconds(one['call']['p50'])}, {milliseconds(one['call']['p999'])}")
            if way == "cat":
                row += ["–"] * 3
            else:
                row += [f"{one[key]:,}" for key in ("delivered", "counted", "uncounted")]
                if one["unanswered"]:
                    row[-3] += f"; {one['unanswered']:,} requests unanswered"
            reader = one["cpu"]["consumer"] > 0
            row.append(f"{one['cpu']['app']:.1f}" + (f" + {one['cpu']['consumer']:.2f}" if reader else ""))
            row.append(f"{one['memory_mb']['app']:.0f}" + (f" + {one['memory_mb']['consumer']:.0f}" if reader else ""))
            rows.append(row)
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * 2 + "---:|" * (len(rows[0]) - 2))
    return "\n".join(lines) + "\n"


def draw_latency(axes, results):
    for place, sink in enumerate(SINKS):
        for step, (way, (_, color)) in enumerate(WAYS.items()):
            one = results.get(f"{way}:{sink}")
            if not one:
                continue
            x = place + (step - 1.5) * 0.19
            low, mid, high = (one["latency"][q] * 1000 for q in ("p50", "p99", "p999"))
            axes.plot([x, x], [low, high], color=color, linewidth=6, alpha=0.35, solid_capstyle="round", zorder=2)
            axes.scatter([x], [low], color=color, s=34, zorder=3)
            axes.scatter([x], [mid], color="white", edgecolor=color, linewidth=1.6, s=30, zorder=3)
            axes.scatter([x], [high], color=color, marker="_", s=90, linewidth=2.2, zorder=3)
            if one["unanswered"] > one["requests"] // 2:
                axes.annotate("no\nanswer", (x, high), xytext=(0, 6), textcoords="offset points", ha="center",
                              fontsize=7.5, color=color, linespacing=0.9)
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * 3)
    axes.set_xticks(range(len(SINKS)), SINKS.values())
    axes.set_xlabel("the log server answers after")
    axes.set_title("Request latency, ms", loc="left", fontsize=11, fontweight="bold", color=INK)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}" if value < 10000 else f"{value:,.0f}")
    axes.grid(axis="y", color="#e5e7eb", zorder=0)
    axes.set_axisbelow(True)
    for place in range(1, len(SINKS)):
        axes.axvline(place - 0.5, color="#e5e7eb", linewidth=1)
    handles = [Line2D([], [], color=color, linewidth=6, alpha=0.8, label=name) for name, color in WAYS.values()]
    handles += [Line2D([], [], color=INK, marker="o", linestyle="", markersize=5.5, label="p50"),
                Line2D([], [], color=INK, marker="o", markerfacecolor="white", linestyle="", markersize=5.5, label="p99"),
                Line2D([], [], color=INK, marker="_", linestyle="", markersize=9, markeredgewidth=2, label="p99.9")]
    axes.legend(handles=handles, ncol=2, fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16))


def draw_endings(axes, results):
    labels, place = [], 0.0
    ticks = []
    for sink, after in SINKS.items():
        first = place
        for way in ("sync", "fapilog", "ship"):
            one = results.get(f"{way}:{sink}")
            if not one:
                continue
            left = 0.0
            for key, _, color in ENDINGS:
                share = 100 * endings(one)[key] / one["requests"]
                axes.barh(place, share, left=left, color=color, height=0.8)
                left += share
            ticks.append(place)
            labels.append({"sync": "posted", "fapilog": "fapilog", "ship": "fapilog-ship"}[way])
            place += 1
        axes.text(101.5, (first + place - 1) / 2, after, va="center", fontsize=9, color=INK)
        place += 0.6
    axes.set_yticks(ticks, labels, fontsize=8.5)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of the requests")
    axes.set_title("What became of their log lines", loc="left", fontsize=11, fontweight="bold", color=INK)
    axes.legend(handles=[Patch(color=color, label=label) for _, label, color in ENDINGS], ncol=2, fontsize=8,
                frameon=False, loc="upper center", bbox_to_anchor=(0.45, -0.16))


def main(directory):
    with open(os.path.join(directory, "results.json"), encoding="ascii") as file:
        results = json.load(file)
    with open(os.path.join(directory, "table.md"), "w", encoding="utf-8") as file:
        file.write(table(results))
    plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "axes.edgecolor": "#9aa0a6", "text.color": INK,
                         "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "svg.fonttype": "none",
                         "svg.hashsalt": "fapilog-ship", "axes.spines.top": False, "axes.spines.right": False})
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.7), width_ratios=[1.45, 1])
    draw_latency(left, results)
    draw_endings(right, results)
    figure.subplots_adjust(left=0.06, right=0.94, top=0.92, bottom=0.27, wspace=0.27)
    for name, options in (("latency.svg", {"metadata": {"Date": None}}), ("latency.png", {"dpi": 150})):
        figure.savefig(os.path.join(directory, name), facecolor="white", **options)


main(sys.argv[1])
