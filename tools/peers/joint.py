"""One joint pass against one pass a label, by gliss and by its peers: texts a second of each form.

    tools/peers/run joint [--geometry edge,base] [--tokens 128] [--labels 1,8,32,128] [--rounds 5] ...

A joint pass reads a text and all labels (a GLiClass model); the pairwise form reads the text once with
each label (a sequence classifier with the same encoder). Every runtime is timed at several batch sizes of
either form, between two measurements of ours (see compare.py), and counts with its best.
"""

import pathlib
import statistics

import cells as setup
import compare
import report

BATCHES = [1, 8, 32]
# A batch above this many tokens gains nothing any more.
TOKENS = 4500
PEERS = ["openvino-bf16", "torch-bf16", "onnx-f32"]


def main() -> None:
    parser = compare.arguments(__doc__, "joint")
    parser.add_argument("--tokens", type=int, default=128, help="of the text")
    parser.add_argument("--labels", type=counts, default=[1, 8, 32, 128])
    parser.set_defaults(precision=["bf16"], peers=PEERS, rounds=5, budget=60)
    options = compare.parsed(parser)
    state = compare.load_state(options)
    if not options.report:
        state["machine"] = compare.machine()
        for geometry in options.geometry:
            joint = [cell for count in options.labels for cell in joint_cells(options, count)]
            compare.measure(geometry, joint, options, state)
            compare.measure(pairs(geometry), pair_cells(options), options, state)
    compare.publish(markdown(state, options), options)


def counts(text: str) -> list[int]:
    return [int(count) for count in compare.names(text)]


def pairs(geometry: str) -> str:
    """The folder of the sequence classifier with this geometry's encoder."""
    return f"{geometry}-pairs"


def joint_cells(options, labels: int) -> list[str]:
    return fitting([f"{batch}x{options.tokens}+{labels}" for batch in BATCHES])


def pair_cells(options) -> list[str]:
    return fitting([f"{batch}x{options.tokens}p" for batch in BATCHES])


def fitting(names: list[str]) -> list[str]:
    shapes = [setup.Cell.parse(name) for name in names]
    fits = [shape.sequences == 1 or shape.sequences * shape.tokens <= TOKENS for shape in shapes]
    return [name for name, fit in zip(names, fits, strict=True) if fit]


def markdown(state: dict, options) -> str:
    head = "geometry|threads|labels|runtime|joint ms a text|pairwise ms a text|joint / pairwise"
    head = head.split("|") + ["useful FLOPs", "share", "ours / its joint", "ours / its pairwise"]
    head += ["joint peak MB", "pairwise peak MB"]
    lines = [report.line(head), "|" + "---|" * len(head)]
    for geometry in options.geometry:
        for threads in options.threads:
            for labels in options.labels:
                lines += rows(state, options, geometry, threads, labels)
    return "\n".join(["# One joint pass against one pass a label", "", *lines]) + "\n"


def rows(state: dict, options, geometry: str, threads: int, labels: int) -> list[str]:
    names = [f"gliss-{precision}" for precision in options.precision] + options.peers
    joint = best(state, geometry, joint_cells(options, labels), threads, names)
    pair = best(state, pairs(geometry), pair_cells(options), threads, names)
    useful = flops_ratio(options.models, options.tokens, geometry, labels)
    own = names[0]
    lines = []
    for name in names:
        if name not in joint or name not in pair:
            continue
        one, many = joint[name], labels * pair[name]
        lines.append(
            report.line(
                [
                    geometry,
                    str(threads),
                    str(labels),
                    name,
                    report.number(one),
                    report.number(many),
                    f"{many / one:.2f}",
                    f"{useful:.2f}",
                    f"{many / one / useful:.0%}",
                    f"{one / joint[own]:.2f}" if own in joint else "-",
                    f"{pair[name] / pair[own]:.2f}" if own in pair else "-",
                    peak(state, geometry, joint_cells(options, labels), threads, name),
                    peak(state, pairs(geometry), pair_cells(options), threads, name),
                ]
            )
        )
    return lines


def best(state: dict, model: str, cells: list[str], threads: int, names: list[str]) -> dict:
    """Milliseconds a sequence of each runtime, at its best batch."""
    found: dict[str, float] = {}
    for cell in cells:
        record = state["cells"].get(f"{model} {cell} {threads}", {"rounds": []})
        sequences = setup.Cell.parse(cell).sequences
        for name in names:
            times = report.measurements(report.latest(record["rounds"]), name)
            if times:
                each = statistics.median(times) / sequences
                found[name] = min(each, found.get(name, each))
    return found


def peak(state: dict, model: str, cells: list[str], threads: int, name: str) -> str:
    """The most memory its process has had resident by the last of these cells."""
    records = [state["cells"].get(f"{model} {cell} {threads}", {}) for cell in cells]
    found = [record.get("runtimes", {}).get(name, {}).get("peak_mb") for record in records]
    return report.number(max((mb for mb in found if mb is not None), default=None))


def flops_ratio(models: pathlib.Path, tokens: int, geometry: str, labels: int) -> float:
    pair = setup.useful_gflop(models / geometry, f"1x{tokens}p")
    return labels * pair / setup.useful_gflop(models / geometry, f"1x{tokens}+{labels}")


if __name__ == "__main__":
    main()
