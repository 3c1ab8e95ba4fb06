"""The table of a state file: paired ratios, one row a shape and precision, peaks beside them."""

import pathlib
import statistics

import cells as setup


def markdown(state: dict, models: pathlib.Path) -> str:
    rows = [row for key in state["cells"] for row in rows_of(key, state["cells"][key], models)]
    state["rows"] = rows
    packages = state.get("machine", {}).get("packages", {})
    commits = sorted({row["commit"] for row in rows})
    lines = [
        "# gliss and its peers",
        "",
        "Token ids in, logits out (encoder, pooling, projectors, scorer; 4 labels in every sequence, no",
        "padding). ratio = the best peer's time / ours, each peer measured between two measurements of",
        "ours and divided by their mean; median over rounds [range]. `*`: that peer's logits are more than",
        f"{setup.ACCURATE} from torch f32's (see the second table); bf16 peers count all the same.",
        "`accurate`: the ratio to the best peer within that distance, where one was measured. Peaks are",
        "medians of the probes in the same rounds; share = useful GFLOP/s of that peak.",
        "",
        f"CPU {state.get('machine', {}).get('cpu', '?')}; gliss {', '.join(commits)}; "
        + ", ".join(f"{name} {version}" for name, version in packages.items()),
    ]
    for threads in sorted({row["threads"] for row in rows}):
        chosen = [row for row in rows if row["threads"] == threads]
        title = f"{threads} thread" + ("s" if threads > 1 else "")
        lines += ["", f"## {title}", "", *ratio_table(chosen), *scaling(chosen)]
        lines += ["", f"### Every runtime, {title}: median ms (max |logit - torch f32|)", ""]
        lines += runtime_table(state, threads)
    return "\n".join(lines) + "\n"


def rows_of(key: str, record: dict, models: pathlib.Path) -> list[dict]:
    geometry, cell, threads = key.split()
    rounds = latest(record["rounds"])
    rows = []
    for precision in setup.PRECISIONS:
        own = f"gliss-{precision}"
        times = measurements(rounds, own)
        if not times:
            continue
        must, aim = setup.targets(geometry, cell, precision)
        gflop = setup.useful_gflop(models / geometry, cell)
        median = statistics.median(times)
        row = {
            "geometry": geometry,
            "cell": cell,
            "threads": int(threads),
            "precision": precision,
            "kernels": record["runtimes"][own].get("kernels"),
            "commit": rounds[-1]["commit"],
            "rounds": len([r for r in rounds if measurements([r], own)]),
            "ms": median,
            "range_ms": [min(times), max(times)],
            "delta": record["runtimes"][own].get("delta"),
            "gflops": gflop / median * 1e3,
            "peaks": peaks(rounds),
            "peers": peers_of(record, rounds, own),
            "must": must,
            "aim": aim,
        }
        row["best"] = best(row["peers"], precision, strict=False)
        row["best_accurate"] = best(row["peers"], precision, strict=True)
        rows.append(row)
    return rows


def latest(rounds: list[dict]) -> list[dict]:
    """The rounds of the build of gliss that was measured last."""
    return [r for r in rounds if r["binary"] == rounds[-1]["binary"]] if rounds else []


def measurements(rounds: list[dict], name: str) -> list[float]:
    return [s["ms"] for r in rounds for s in r["steps"] if s["name"] == name and "ms" in s]


def peaks(rounds: list[dict]) -> dict:
    """By unit: 10^9 operations a second, over all probes of these rounds."""
    found: dict[str, list[float]] = {}
    for step in (s for r in rounds for s in r["steps"] if s["name"] == "peak"):
        for unit, value in step.get("gflops", {}).items():
            found.setdefault("f32" if unit.endswith("-f32") else unit, []).append(value)
    return {
        unit: {"median": statistics.median(v), "range": [min(v), max(v)]}
        for unit, v in found.items()
    }


def peers_of(record: dict, rounds: list[dict], own: str) -> dict:
    result = {}
    for name in setup.PEERS:
        ratios = [ratio for r in rounds for ratio in paired(r["steps"], own, name)]
        if not ratios:
            continue
        result[name] = {
            "ms": statistics.median(measurements(rounds, name)),
            "ratio": statistics.median(ratios),
            "ratio_range": [min(ratios), max(ratios)],
            "delta": record["runtimes"][name].get("delta"),
        }
    return result


def paired(steps: list[dict], own: str, peer: str) -> list[float]:
    """Each measurement of the peer over the mean of ours before and after it."""
    ratios = []
    for place, step in enumerate(steps):
        if step["name"] != peer or "ms" not in step:
            continue
        before = [s["ms"] for s in steps[:place] if s["name"] == own and "ms" in s][-1:]
        after = [s["ms"] for s in steps[place:] if s["name"] == own and "ms" in s][:1]
        if before and after and close(steps, place, own, peer):
            ratios.append(step["ms"] / statistics.mean(before + after))
    return ratios


def close(steps: list[dict], place: int, own: str, peer: str) -> bool:
    """Whether ours was measured right before, with no other peer in between."""
    for step in reversed(steps[:place]):
        if step["name"] == own:
            return True
        if step["name"] in setup.PEERS:
            return False
    return False


def best(peers: dict, precision: str, strict: bool) -> dict | None:
    """The fastest peer that counts (see README.md); strict: within the distance, whatever its kind."""

    def counts(name: str, peer: dict) -> bool:
        if precision == "f32" and name not in setup.F32_PEERS:
            return False
        accurate = peer["delta"] is not None and peer["delta"] <= setup.ACCURATE
        return accurate or (not strict and name in setup.BF16_PEERS)

    able = {name: peer for name, peer in peers.items() if counts(name, peer)}
    if not able:
        return None
    name = min(able, key=lambda name: able[name]["ms"])
    return {"name": name, **able[name]}


def verdict(row: dict) -> str:
    if row["best"] is None or row["must"] is None or row["threads"] != 2:
        return "-"
    ratio = row["best"]["ratio"]
    if row["aim"] is not None and ratio >= row["aim"]:
        return "aim"
    return "pass" if ratio >= row["must"] else "FAIL"


def ratio_table(rows: list[dict]) -> list[str]:
    head = "geometry|shape|precision|rounds|ours ms|best peer|its ms|ratio|must|aim|verdict|accurate"
    head = head.split("|") + ["GFLOP/s", "FMA peak", "AMX bf16 peak", "share"]
    lines = [line(head), "|" + "---|" * len(head)]
    for row in sorted(rows, key=order):
        peer, accurate = row["best"], row["best_accurate"]
        fma, amx = row["peaks"].get("f32"), row["peaks"].get("amx-bf16")
        peak = fma if row["precision"] == "f32" else amx
        lines.append(
            line(
                [
                    row["geometry"],
                    row["cell"],
                    row["precision"],
                    str(row["rounds"]),
                    number(row["ms"]),
                    starred(peer) if peer else "-",
                    number(peer["ms"]) if peer else "-",
                    ratio_text(peer),
                    number(row["must"]),
                    number(row["aim"]),
                    verdict(row),
                    f"{ratio_text(accurate)} {accurate['name']}" if accurate else "-",
                    number(row["gflops"]),
                    number(fma["median"]) if fma else "-",
                    number(amx["median"]) if amx else "-",
                    f"{row['gflops'] / peak['median']:.0%}" if peak else "-",
                ]
            )
        )
    return lines


def scaling(rows: list[dict]) -> list[str]:
    """How time grows from 1,024 to 8,192 tokens."""
    times = {(row["geometry"], row["precision"], row["cell"]): row["ms"] for row in rows}
    lines = []
    for (geometry, precision, cell), long in times.items():
        short = times.get((geometry, precision, "1x1024"))
        if cell == "1x8192" and short:
            lines.append(f"- {geometry} {precision}: time(8192) / time(1024) = {long / short:.1f}")
    return ["", *lines] if lines else []


def runtime_table(state: dict, threads: int) -> list[str]:
    chosen = {k: r for k, r in state["cells"].items() if k.endswith(f" {threads}") and r["rounds"]}
    names = [f"gliss-{p}" for p in setup.PRECISIONS] + setup.PEERS
    names = [n for n in names if any(n in r["runtimes"] for r in chosen.values())]
    lines = [line(["geometry", "shape", *names]), "|" + "---|" * (2 + len(names))]
    notes = []
    for key, record in chosen.items():
        geometry, cell, _ = key.split()
        texts = []
        for name in names:
            found = record["runtimes"].get(name)
            times = measurements(latest(record["rounds"]), name)
            if found is None or ("error" not in found and not times):
                texts.append("-")
            elif "error" in found:
                texts.append("failed")
                notes.append(f"- {geometry} {cell}, {name}: {found['error']}")
            else:
                texts.append(f"{number(statistics.median(times))} ({found['delta']:.2g})")
        lines.append(line([geometry, cell, *texts]))
    return lines + ([""] + notes if notes else [])


def order(row: dict) -> tuple:
    return (
        setup.PRECISIONS.index(row["precision"]),
        setup.GEOMETRIES.index(row["geometry"]),
        setup.CELLS.index(row["cell"]) if row["cell"] in setup.CELLS else len(setup.CELLS),
    )


def starred(peer: dict) -> str:
    accurate = peer["delta"] is not None and peer["delta"] <= setup.ACCURATE
    return peer["name"] + ("" if accurate else "*")


def ratio_text(peer: dict | None) -> str:
    if peer is None:
        return "-"
    low, high = peer["ratio_range"]
    return f"{peer['ratio']:.2f} [{low:.2f}-{high:.2f}]"


def number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def line(values: list[str]) -> str:
    return "| " + " | ".join(values) + " |"
