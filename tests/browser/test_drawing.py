"""The drawing's own modules, run in the browser: undo and redo, erasers, links, replays, and pictures of strokes."""

import pytest

pytestmark = pytest.mark.browser

# Seeded strokes: every run of the tests fuzzes with the same ones.
MADE = """
function chances(seed) { // mulberry32
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
function madeStroke(random) {
  const points = [];
  let [x, y, time] = [random() * 400, random() * 280, Math.floor(random() * 1000)];
  for (let count = 1 + Math.floor(random() * 30); count > 0; count--) {
    points.push([x, y, random() < 0.8 ? 1 : 0.4 + random(), (time += Math.floor(random() * 30))]);
    x += (random() - 0.5) * 60;
    y += (random() - 0.5) * 60;
  }
  return { width: 4 + 2 * Math.floor(random() * 18), points };
}
function madeStrokes(random) {
  return Array.from({ length: 1 + Math.floor(random() * 6) }, () => madeStroke(random));
}
"""


def run(page, body: str, modules: str = "drawing erasers ink share-link replay"):
    imports = "".join(
        f'const {name.split("-")[-1]} = await import("/static/pad/{name}.js");' for name in modules.split()
    )
    return page.evaluate(f"async () => {{ {imports} {MADE} {body} }}")


@pytest.mark.parametrize("seed", range(5))
def test_undo_and_redo_in_any_order_restore_the_exact_drawing(page, seed):
    """A plain list of all states is kept beside the drawing; both go through the same two hundred steps."""
    wrong = run(
        page,
        f"""
        const random = chances({seed});
        const it = new drawing.Drawing();
        let states = [[]], place = 0, changes = 0, wrong = [];
        it.addEventListener("change", () => changes++);
        const push = (strokes) => {{ states = [...states.slice(0, place + 1), structuredClone(strokes)]; place++; }};
        for (let step = 0; step < 200; step++) {{
          const chance = random();
          const at = [random() * 400, random() * 280];
          if (chance < 0.3) {{ const stroke = madeStroke(random); it.add(stroke); push([...states[place], stroke]); }}
          else if (chance < 0.4) {{ if (!it.isEmpty) push([]); it.clear(); }}
          else if (chance < 0.55) {{
            const rub = chance < 0.5 ? erasers.eraseArea : erasers.eraseStrokes;
            const erased = rub(it.strokes, at, [at[0] + 50, at[1]], 12);
            if (erased !== it.strokes && (erased.length || !it.isEmpty)) push(erased);
            it.become(erased);
          }}
          else if (chance < 0.8) {{ if (place > 0) place--; it.undo(); }}
          else {{ if (place < states.length - 1) place++; it.redo(); }}
          if (JSON.stringify(it.strokes) !== JSON.stringify(states[place])) wrong.push(step);
          if (it.canUndo !== place > 0 || it.canRedo !== place < states.length - 1) wrong.push(-step);
        }}
        return changes > 100 ? wrong : ["nothing changed"];
        """,
    )
    assert wrong == []


def test_what_is_far_in_the_past_is_forgotten_and_the_rest_is_not(page):
    counts = run(
        page,
        """
        const it = new drawing.Drawing();
        for (let i = 0; i < 600; i++) it.add({ width: 4, points: [[i % 400, 5, 1, i]] });
        let back = 0;
        while (it.canUndo) { it.undo(); back++; }
        return [back, it.strokes.length];
        """,
    )
    assert counts == [500, 100]


@pytest.mark.parametrize("seed", range(5))
def test_a_link_holds_the_strokes(page, seed):
    """To half a unit, a fiftieth of the pressure and eight milliseconds."""
    differences, length, points = run(
        page,
        f"""
        const strokes = madeStrokes(chances({seed}));
        const text = link.encode(strokes);
        const back = link.decode(text);
        const worst = [0, 0, 0, 0];
        strokes.forEach((stroke, i) => stroke.points.forEach((point, j) => point.forEach((value, k) => {{
          worst[k] = Math.max(worst[k], Math.abs(value - back[i].points[j][k]));
        }})));
        const same = back.length === strokes.length && back.every(({{ width, points }}, i) =>
          width === strokes[i].width && points.length === strokes[i].points.length);
        if (!same || !/^[\\w-]+$/.test(text)) throw new Error("not the same");
        return [worst, text.length, strokes.flatMap(({{ points }}) => points).length];
        """,
    )
    assert all(worst <= bound for worst, bound in zip(differences, (0.26, 0.26, 0.011, 4.1), strict=True))
    assert length < 10 * points + 20


def test_a_broken_link_is_an_error_and_never_a_strange_drawing(page):
    outcomes = run(
        page,
        """
        const random = chances(1);
        const whole = link.encode(madeStrokes(random));
        const broken = ["", "A", "AQ", "____", "AQ////", whole.slice(0, -3), "Ag" + whole.slice(2), "é", "%%%"];
        for (let i = 0; i < 300; i++) {
          const place = Math.floor(random() * whole.length);
          broken.push(whole.slice(0, place) + "AZaz09-_"[i % 8] + whole.slice(place + 1));
        }
        const found = { refused: 0, read: 0 };
        for (const text of broken) {
          let strokes;
          try { strokes = link.decode(text); } catch { found.refused++; continue; }
          found.read++;
          drawing.checked(strokes); // throws where it let something through
        }
        return found;
        """,
    )
    assert outcomes["refused"] >= 7
    assert outcomes["read"] > 0


def test_strokes_from_elsewhere_are_checked(page):
    point = [1, 2, 1, 0]
    good = [{"width": 18, "points": [point, [3, 4, 1, 9]]}]
    bad = [
        None, 7, "x", {}, [{}], [{"width": 18}], [{"width": 18, "points": []}], [{"width": 0, "points": [point]}],
        [{"width": 18, "points": [[1, 2, 1]]}], [{"width": 18, "points": [[1, 2, 1, "0"]]}],
        [{"width": 18, "points": [[1, None, 1, 0]]}], [{"width": 18, "points": [[1e9, 2, 1, 0]]}],
        [{"width": 18, "points": [[1, 2, 9, 0]]}], good * 1001, [{"width": 18, "points": [[1, 2, 1, 0]] * 20_001}],
    ]  # fmt: skip
    refused = page.evaluate(
        """async ([good, bad]) => {
          const { checked } = await import("/static/pad/drawing.js");
          if (JSON.stringify(checked(good)) !== JSON.stringify(good)) throw new Error("not the same");
          const refused = (value) => {
            try { checked(value); } catch (error) { return error instanceof TypeError; }
            return false;
          };
          return bad.map(refused);
        }""",
        [good, bad],
    )
    assert refused == [True] * len(bad)


@pytest.mark.parametrize("seed", range(5))
def test_the_area_eraser_takes_all_ink_under_it_and_no_other(page, seed):
    """Points along every stroke, before and after: those under the eraser's path are gone, the others are there."""
    wrong = run(
        page,
        f"""
        const random = chances({seed});
        const strokes = madeStrokes(random);
        for (const {{ points }} of strokes) for (const point of points) point[2] = 1; // or else it narrows as it is cut
        const [from, to, radius] = [[random() * 400, random() * 280], [random() * 400, random() * 280], 15];
        const left = erasers.eraseArea(strokes, from, to, radius);
        const far = ([x, y]) => {{
          const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
          const part = Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy)));
          return Math.hypot(x - from[0] - part * dx, y - from[1] - part * dy);
        }};
        const dense = ({{ points }}) => points.flatMap((a, i) => {{
          const b = points[Math.min(i + 1, points.length - 1)];
          return Array.from({{ length: 20 }}, (_, k) => a.map((value, n) => value + (b[n] - value) * k / 20));
        }});
        const on = (point, stroke) => {{
          const {{ points }} = stroke;
          return points.some((a, i) => {{
            const b = points[Math.min(i + 1, points.length - 1)];
            const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
            const along = (point[0] - a[0]) * dx + (point[1] - a[1]) * dy;
            const part = Math.min(1, Math.max(0, along / (dx * dx + dy * dy || 1)));
            return Math.hypot(point[0] - a[0] - part * dx, point[1] - a[1] - part * dy) < 0.5;
          }});
        }};
        const wrong = [];
        for (const stroke of strokes) {{
          const reach = radius + stroke.width * Math.max(...stroke.points.map(([,, p]) => p)) / 2;
          for (const point of dense(stroke)) {{
            const there = left.some((some) => some.width === stroke.width && on(point, some));
            if (far(point) < reach * 0.9 && there && !strokes.some((other) => other !== stroke && on(point, other)))
              wrong.push(["left", point]);
            if (far(point) > reach + 1 && !there) wrong.push(["lost", point]);
          }}
        }}
        return wrong;
        """,
    )
    assert wrong == []


def test_the_stroke_eraser_takes_whole_strokes(page):
    left = run(
        page,
        """
        const line = (y) => ({ width: 10, points: [[50, y, 1, 0], [150, y, 1, 9]] });
        const strokes = [line(50), line(100), line(150)];
        const crossed = erasers.eraseStrokes(strokes, [100, 70], [100, 120], 3);
        const missed = erasers.eraseStrokes(strokes, [300, 0], [300, 280], 3);
        return [crossed.map(({ points }) => points[0][1]), missed === strokes];
        """,
    )
    assert left == [[50, 150], True]


def test_a_replay_keeps_the_order_and_cuts_pauses_short(page):
    times, shown = run(
        page,
        """
        const strokes = [
          { width: 9, points: [[0, 0, 1, 0], [9, 0, 1, 100]] },
          { width: 9, points: [[0, 9, 1, 60000], [9, 9, 1, 60200]] },
          { width: 9, points: [[5, 5, 1, 60250]] },
        ];
        const times = replay.timetable(strokes);
        const shown = (time) => replay.until(strokes, times, time).map(({ points }) => points.length);
        return [times, [0, 99, 100, 460, 10000].map(shown)];
        """,
    )
    assert times == [[0, 100], [450, 650], [710]]
    assert shown == [[1], [1], [2], [2, 1], [2, 2, 1]]


def test_the_pad_widens_with_the_ink_and_has_an_end(page):
    widths = run(
        page,
        """
        const at = (x) => ink.widthFor([{ width: 9, points: [[x, 9, 1, 0]] }]);
        return [ink.widthFor([]), at(310), at(330), at(700), at(9000)];
        """,
    )
    assert widths[0] == widths[1] == 420
    assert widths[2] == 580
    assert 800 <= widths[3] <= 960
    assert widths[4] == 2400


def test_svg_png_and_pad_show_the_same_ink(page):
    """Drawn on a canvas, the SVG file covers the pixels that the PNG covers."""
    differences = run(
        page,
        """
        const strokes = madeStrokes(chances(3));
        const png = ink.toCanvas(strokes);
        const image = new Image();
        image.src = URL.createObjectURL(new Blob([ink.toSvg(strokes)], { type: "image/svg+xml" }));
        await image.decode();
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [png.width, png.height];
        const context = canvas.getContext("2d");
        context.fillStyle = "white";
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        const pixels = (some) => some.getContext("2d").getImageData(0, 0, some.width, some.height).data;
        const [a, b] = [pixels(png), pixels(canvas)];
        let inked = 0, other = 0;
        for (let i = 0; i < a.length; i += 4) {
          inked += a[i] < 128;
          other += Math.abs(a[i] - b[i]) > 128;
        }
        return [inked, other, image.naturalWidth > 0];
        """,
    )
    inked, other, _ = differences
    assert inked > 2000
    assert other < inked / 100
