// Live figures: the arithmetic of the package in the reader's browser, and the wiring of controls, drawings and tables.
// Every number computed here is compared with the package in tests/browser/test_live.py.
(() => {
  // ---- arithmetic ----
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const means = {
    arithmetic: (x, w) => sum(x.map((value, i) => value * w[i])),
    geometric: (x, w) => Math.exp(sum(x.map((value, i) => w[i] * Math.log(value)))),
    harmonic: (x, w) => 1 / sum(x.map((value, i) => w[i] / value)),
  };
  // Weighted mean of what is known, as scoring.aggregate: the weights of the known ones are scaled to sum 1.
  const aggregate = (x, w, method, floor) => {
    const known = x.map((value) => value !== null && !Number.isNaN(value));
    const total = sum(w.filter((_, i) => known[i]));
    if (!(total > 0)) return NaN;
    const kept = x.map((value, i) => (known[i] ? Math.max(value, floor ?? -Infinity) : 1));
    return means[method](kept, w.map((weight, i) => (known[i] ? weight / total : 0)));
  };
  const mean = (values) => sum(values) / values.length;
  const couplingForms = {
    standard: (u) => (sum(u) > 0 ? (u.length * u.reduce((p, v) => p * v, 1) ** (1 / u.length)) / sum(u) : 0),
    modified: (u) => {
      const top = Math.max(...u);
      if (!(top > 0)) return 0;
      const apart = u.flatMap((a, i) => u.slice(i + 1).map((b) => Math.abs(a - b)));
      return Math.sqrt((1 - mean(apart)) * u.reduce((p, v) => p * (v / top), 1) ** (1 / (u.length - 1)));
    },
    fan: (u) => 1 - 2 * Math.sqrt(mean(u.map((v) => (v - mean(u)) ** 2))),
  };
  // The overall score: with one system it is that system's own, as overall.overall_scores.
  const coordination = (u, form) => (u.some(Number.isNaN) ? NaN : u.length === 1 ? u[0] : Math.sqrt(couplingForms[form](u) * mean(u)));
  const step = (d) => Math.min(9, Math.max(0, Math.floor(Math.round(d * 10 * 1e9) / 1e9)));
  const grade = (d, grades) => (Number.isNaN(d) ? "–" : grades[step(d)]);
  const rank = (value, all) => (Number.isNaN(value) ? NaN : 1 + all.filter((other) => other > value).length);
  const quantile = (sorted, q) => {
    const place = q * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
  };
  const chance = (u, form, points = 1024) => {
    const degrees = Array.from({ length: points }, (_, k) => coordination([u, (k + 0.5) / points], form)).sort((a, b) => a - b);
    return { low: quantile(degrees, 0.05), median: quantile(degrees, 0.5), high: quantile(degrees, 0.95),
      below: (d) => degrees.filter((one) => one < d).length / points };
  };

  // ---- words ----
  const fixed = (value, digits = 3) => (value === null || Number.isNaN(value) ? "–" : value.toFixed(digits));
  const signed = (value, digits = 3) => {
    const text = value.toFixed(digits);
    return Number(text) === 0 ? "no change" : value > 0 ? `+${text}` : text.replace("-", "−");
  };
  const short = (value) => Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 10 });
  const moves = (before, after) => (before === after ? "" : before > after ? `  ▲${before - after}` : `  ▼${after - before}`);
  const full = (value) => value.toLocaleString("en-US", { maximumSignificantDigits: 4 });

  // ---- the page ----
  const read = (form) => Object.fromEntries([...form.elements].filter((field) => field.name).map((field) => [
    field.name, field.type === "checkbox" ? field.checked : field.type === "range" ? Number(field.value) : field.value]));
  const show = (field) => {
    const output = field.closest(".nqp-slider")?.querySelector("output");
    if (output) output.textContent = Number(field.value).toFixed(Number(field.dataset.digits)) + field.dataset.unit;
  };
  const cell = (value, place) => {
    const element = document.createElement(place === 0 ? "th" : "td");
    if (place === 0) element.scope = "row";
    const { number, text } = typeof value === "object" && value !== null ? value : { number: value };
    if (typeof number === "number" && !Number.isNaN(number)) element.dataset.value = String(number);
    element.textContent = text ?? (typeof number === "number" ? (Number.isInteger(number) ? String(number) : fixed(number)) : number ?? "–");
    return element;
  };
  const fill = (table, rows, head) => {
    table.tBodies[0].replaceChildren(...rows.map((row) => {
      const line = document.createElement("tr");
      line.append(...row.map(cell));
      return line;
    }));
    if (head) {
      table.tHead.rows[0].replaceChildren(...head.map((label) => {
        const element = document.createElement("th");
        element.scope = "col";
        element.textContent = label;
        return element;
      }));
    }
  };

  // ---- the figures: each takes data and state, and returns the sentence, the rows of each drawing and of each table ----
  const figures = {
    weights(data, state) {
      const weights = data.systems.map((system) => system.dimensions.map((place) => state[`w${place}`]));
      const score = (region, w) => data.systems.map((system, n) =>
        aggregate(system.dimensions.map((place) => region.dimensions[place]), w[n], data.aggregate,
          data.aggregate === "arithmetic" ? undefined : data.floor));
      const even = data.systems.map((system) => system.dimensions.map(() => 1));
      const rows = data.regions.map((region) => {
        const [u, rest] = [score(region, weights), score(region, even)];
        return { ...region, u, d: coordination(u, data.form), equal: coordination(rest, data.form), rest };
      });
      const [all, before] = [rows.map((row) => row.d), rows.map((row) => row.equal)];
      const coupled = data.systems.length > 1;
      const by = coupled ? data.systems.findIndex((system) => system.name === state.order) : -1;
      const value = (row) => (by < 0 ? row.d : row.u[by]);
      const old = (row) => (by < 0 ? row.equal : row.rest[by]);
      rows.forEach((row) => {
        row.rank = rank(row.d, all);
        row.rankEqual = rank(row.equal, before);
        row.shown = rank(value(row), rows.map(value));
        row.shownEqual = rank(old(row), rows.map(old));
      });
      rows.sort((a, b) => (Number.isNaN(a.shown) ? 1 : Number.isNaN(b.shown) ? -1 : a.shown - b.shown));
      const chosen = rows.find((row) => row.code === state.region);
      const drawn = rows.map((row, place) => ({
        name: row.name, place, d: row.d, equal: row.equal, rank: row.rank, grade: grade(row.d, data.grades),
        ...Object.fromEntries(row.u.map((u, n) => [`u${n}`, u])),
        inside: by < 0 && chosen.low <= place + 1 && place + 1 <= chosen.high,
        colour: data.colours[row === chosen ? "chosen" : row.focus ? "focus" : "other"],
        words: fixed(value(row)) + (Number.isNaN(row.shown) ? "" : moves(row.shownEqual, row.shown)),
      }));
      const says = Number.isNaN(chosen.d)
        ? "A score needs at least one dimension with a weight above zero."
        : `${chosen.name}: ${coupled ? "D" : data.systems[0].label} ${fixed(chosen.d)}`
          + `${coupled ? `, ${grade(chosen.d, data.grades)}` : ""}, rank ${chosen.rank} of ${rows.length} `
          + `(rank ${chosen.rankEqual} at equal weights); with random weights, rank ${chosen.low} to ${chosen.high}.`;
      return { says, views: { bars: { rows: drawn } }, tables: [rows.map((row) => [
        row.name, ...row.u, ...(coupled ? [row.d, grade(row.d, data.grades)] : []), row.rank, row.rankEqual])] };
    },

    playground(data, state, form) {
      // A region puts the point exactly where it lies; moving a slider makes it the reader's own again.
      const exact = state.region ? data.places[state.region] : null;
      const [x, y] = exact ?? [state.x, state.y];
      if (exact) ["x", "y"].forEach((name, i) => { form.elements[name].value = exact[i]; show(form.elements[name]); });
      const u = [x, y];
      const luck = chance(x, data.form);
      const [standard, modified] = [couplingForms.standard(u), couplingForms.modified(u)];
      const d = coordination(u, data.form);
      const says = `C is ${fixed(standard, 2)} in the standard form and ${fixed(modified, 2)} in the modified form; T `
        + `${fixed(mean(u), 2)}; D ${fixed(d, 2)}, ${grade(d, data.grades)}. With a random second score D would lie between `
        + `${fixed(luck.low, 2)} and ${fixed(luck.high, 2)} in nine cases of ten; it would be lower than yours in `
        + `${Math.round(100 * luck.below(d))} of 100.`;
      const you = [{ x, y, d, name: "your point" }];
      return { says, views: { plane: { you }, chances: { you } }, tables: [[
        [data.first, x], [data.second, y], ["C, standard form", standard], ["C, modified form", modified],
        ["T, mean of the two", mean(u)], ["D, standard form", coordination(u, "standard")],
        ["D, modified form", coordination(u, "modified")],
        ["Grade of D, modified form", grade(coordination(u, "modified"), data.grades)],
        ["D with a random second score, 5th percentile", luck.low],
        ["D with a random second score, median", luck.median],
        ["D with a random second score, 95th percentile", luck.high]]] };
    },

    scenario(data, state) {
      const coupled = data.systems.length > 1;
      const region = data.regions[state.region];
      const aims = data.targets[state.target];
      const dimensionsOf = (z) => Object.fromEntries(data.systems.flatMap((system) => system.dimensions.map(({ name }) => {
        const places = data.indicators.flatMap((indicator, i) => (indicator.dimension === name ? [i] : []));
        const known = places.filter((i) => z[i] !== null).length / places.length >= data.complete;
        return [name, known ? aggregate(places.map((i) => z[i]), places.map((i) => data.indicators[i].within), "arithmetic") : NaN];
      })));
      const scoresOf = (z) => {
        const dimensions = dimensionsOf(z);
        const u = data.systems.map((system) => aggregate(system.dimensions.map(({ name }) => dimensions[name]),
          system.dimensions.map(({ weight }) => weight), data.aggregate,
          data.aggregate === "arithmetic" ? undefined : data.floor));
        return { ...dimensions, ...Object.fromEntries(data.systems.map((system, n) => [system.name, u[n]])),
          D: coordination(u, data.form) };
      };
      const levers = data.levers.map((lever, i) => {
        const [value, aim, sign] = [region.values[i], aims[i], lever.direction];
        if (value === null) return { lever, value, reached: value, wanted: value, z: null };
        const share = state[`lever-${lever.name}`] / 100;
        const better = aim !== null && (aim - value) * sign > 0;
        const wanted = better ? value + share * (aim - value) : value;
        let reached = wanted;
        if (state.feasible) {
          const limit = lever.pace === null ? value : lever.log ? value * lever.pace : value + lever.pace;
          if ((limit - reached) * sign <= 0) reached = limit;
        }
        const raw = ((lever.log ? Math.log(reached) : reached) - lever.low) / (lever.high - lever.low);
        const clipped = Math.min(1, Math.max(0, raw));
        return { lever, value, reached, wanted, better, z: sign > 0 ? clipped : 1 - clipped };
      });
      const at = (lever) => data.indicators.findIndex((indicator) => indicator.name === lever.name);
      const raisedBy = (moved) => {
        const z = [...region.normalised];
        moved.forEach(({ lever, z: value }) => { z[at(lever)] = value; });
        return scoresOf(z);
      };
      const moved = levers.filter(({ value, reached }) => value !== null && reached !== value);
      const [before, after] = [raisedBy([]), raisedBy(moved)];
      const others = Object.entries(data.scores).filter(([code]) => code !== state.region).map(([, u]) => u);
      const places = (scores) => ({
        ...Object.fromEntries(data.systems.map((system, n) => [system.name,
          rank(scores[system.name], others.map((u) => u[n]))])),
        D: rank(scores.D, others.map((u) => coordination(u, data.form))) });
      const [stood, stands] = [places(before), places(after)];
      const first = data.systems[0].name;
      const line = ({ lever, value, reached, wanted, better }, i) => {
        if (value === null) return `${lever.label}: no figure, so it stays out.`;
        if (reached === value) {
          const why = !better ? "already at or beyond the target" : wanted === value ? "not raised" : "no pace is known, so it stays";
          return `${lever.label}: ${why} (${short(value)} ${lever.unit}).`;
        }
        let text = `${lever.label}: from ${short(value)} to ${short(reached)} ${lever.unit}.`;
        if (lever.series !== null && value !== 0 && region.amounts[i] !== null) {
          const amount = (reached / value - 1) * region.amounts[i] * lever.times;
          const [size, word] = Math.abs(amount) >= 1e9 ? [1e9, "billion "] : Math.abs(amount) >= 1e6 ? [1e6, "million "] : [1, ""];
          text += ` It takes ${short(amount / size)} ${word}${lever.noun} more, all else equal (${lever.of}).`;
        }
        return lever.ends ? `${text} ${lever.ends}` : text;
      };
      const rows = levers.map((entry, i) => {
        const alone = moved.includes(entry) ? raisedBy([entry]) : before;
        return [entry.lever.label, entry.lever.pathLabel, { number: entry.value ?? NaN, text: entry.value === null ? "–" : full(entry.value) },
          { number: entry.reached ?? NaN, text: entry.reached === null ? "–" : full(entry.reached) }, entry.lever.unit,
          alone[first] - before[first], ...(coupled ? [alone.D - before.D] : []), line(entry, i)];
      });
      const [gradeBefore, gradeAfter] = [before, after].map((scores) => grade(scores.D, data.grades));
      const steps = step(after.D) - step(before.D);
      const outcome = [
        ...data.shown.map((name) => [data.called[name], before[name], after[name], after[name] - before[name]]),
        ...[...data.systems.map((system) => [system.name, system.short]), ...(coupled ? [["D", "D"]] : [])].map(([name, label]) =>
          [`Rank of ${label}`, stood[name], stands[name], stood[name] - stands[name]]),
        ...(coupled ? [["Grade of D", gradeBefore, gradeAfter, steps === 0 ? "none" : `${steps > 0 ? "+" : "−"}${Math.abs(steps)}`]] : [])];
      const short1 = data.systems[0].short;
      const count = others.length + 1;
      const says = !moved.length
        ? `${region.name}, ${data.year}: ${short1} ${fixed(before[first])}, ${coupled ? `D ${fixed(before.D)}, ${gradeBefore}, ` : ""}`
          + `rank ${stood.D} of ${count}. No lever is raised.`
        : `${region.name}: ${moved.length} ${moved.length === 1 ? "lever" : "levers"} raised. ${short1} ${fixed(before[first])} → `
          + `${fixed(after[first])}, ${coupled ? `D ${fixed(before.D)} → ${fixed(after.D)} (${gradeAfter}), rank of D` : "rank"} `
          + `${stood.D} → ${stands.D} of ${count}.`
          + (coupled && after[first] > before[first] && after.D <= before.D
            ? " D does not rise: one score that runs ahead of the other lowers the degree of coupling." : "");
      const drawn = data.shown.map((name, place) => ({ label: data.called[name], place, before: before[name], after: after[name],
        words: fixed(after[name]) + (after[name] === before[name] ? "" : ` (${signed(after[name] - before[name])})`) }));
      return { says, views: { scores: { rows: drawn } }, tables: [outcome, rows] };
    },

    compare(data, state) {
      const year = data.years.indexOf(state.year);
      const codes = [...new Set(["a", "b", "c", "d"].map((name) => state[name]).filter(Boolean))];
      const value = (measure, code, at = year) => data.values[measure][data.codes.indexOf(code)][at] ?? NaN;
      const lines = codes.flatMap((code, n) => data.years.map((when, at) => ({
        name: data.names[code], year: when, value: value(state.measure, code, at), colour: data.palette[n], shape: data.shapes[n],
      })).filter((row) => !Number.isNaN(row.value)));
      const ends = codes.map((code, n) => ({ name: data.names[code], colour: data.palette[n],
        y: value(state.measure, code, data.years.length - 1) })).filter((row) => !Number.isNaN(row.y)).sort((a, b) => a.y - b.y);
      ends.forEach((row, n) => { row.y = Math.max(row.y, n ? ends[n - 1].y + 0.055 : 0); });
      const over = Math.max(0, (ends.at(-1)?.y ?? 0) - 1);
      ends.forEach((row) => { row.y -= over; row.year = data.years.at(-1); });
      const dots = codes.flatMap((code, n) => data.dimensions.map((name) => ({ label: data.labels[name], name: data.names[code],
        value: value(name, code), colour: data.palette[n], shape: data.shapes[n] })).filter((row) => !Number.isNaN(row.value)));
      const measured = codes.map((code) => [data.names[code], value(state.measure, code)])
        .sort((a, b) => b[1] - a[1]);
      const says = `${data.labels[state.measure]}, ${state.year}: ${measured.map(([name, number]) => `${name} ${fixed(number, 2)}`).join(", ")}.`;
      const places = (measure, code) => rank(value(measure, code), data.codes.map((other) => value(measure, other)));
      return { says, views: { lines: { rows: lines, ends, now: [{ year: state.year }] }, profile: { rows: dots } },
        heads: [["Measure", ...codes.map((code) => data.names[code])]],
        tables: [[...Object.keys(data.values).map((name) => [data.labels[name], ...codes.map((code) => value(name, code))]),
          ...data.ranked.map((name) => [`Rank: ${data.labels[name]}`, ...codes.map((code) => places(name, code))])]] };
    },

    map(data, state, form, figure) {
      const measure = data.measures[state.measure];
      const year = data.years.indexOf(state.year);
      const column = data.codes.map((_, n) => measure.values[n][year] ?? NaN);
      const everything = measure.values.flat().filter((value) => value !== null);
      const [low, high] = [Math.min(...everything), Math.max(...everything)];
      const scale = (value) => (measure.log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low || 1));
      const order = column.map((value) => measure.direction * value);
      const known = order.filter((value) => !Number.isNaN(value));
      const rows = data.codes.map((code, n) => ({ code, value: column[n], rank: rank(order[n], known), name: data.names[n],
        bridged: measure.bridged.includes(`${code}:${state.year}`) }));
      for (const row of rows) {
        const tile = figure.querySelector(`[data-code="${CSS.escape(row.code)}"]`);
        if (!tile) continue;
        const place = Number.isNaN(row.value) ? null : Math.round(scale(row.value) * (data.ramp.length - 1));
        (place === null ? data.unknown : data.ramp[place]).forEach((colour, n) => tile.style.setProperty(data.tile[n], colour));
        const words = Number.isNaN(row.value) ? "no figure" : `${full(row.value)} ${measure.unit}, rank ${row.rank} of ${known.length}`
          + (row.bridged ? " (a missing year, bridged)" : "");
        const label = `${row.name}: ${words}. ${measure.label}, ${state.year}. ${measure.source}`;
        tile.setAttribute("aria-label", label);
        tile.querySelector("small").textContent = Number.isNaN(row.value) ? "–"
          : measure.digits === 2 ? row.value.toFixed(2).replace(/^0/, "") : row.value.toLocaleString("en-US", { maximumSignificantDigits: 3, notation: "compact" });
      }
      const [from, to] = figure.querySelectorAll(".nqp-scale span");
      [from.textContent, to.textContent] = [full(low), full(high)];
      const sorted = rows.filter((row) => row.rank).sort((a, b) => a.rank - b.rank);
      const [best, worst] = [sorted[0], sorted.at(-1)];
      const says = best ? `${measure.label}, ${state.year}${measure.unit ? `, ${measure.unit}` : ""}: rank 1 ${best.name} (${full(best.value)}), rank ${worst.rank} `
        + `${worst.name} (${full(worst.value)}).${measure.direction < 0 ? " Less is better here." : ""}` : `No figures of ${measure.label} in ${state.year}.`;
      return { says, views: {}, tables: [[...sorted, ...rows.filter((row) => !row.rank)].map((row) => [
        row.name, { number: row.value, text: Number.isNaN(row.value) ? "–" : full(row.value) }, measure.unit, row.rank || "–",
        measure.source])] };
    },
  };

  // ---- wiring ----
  const start = async (figure) => {
    const compute = figures[figure.dataset.live];
    const data = JSON.parse(figure.querySelector(".nqp-data").textContent);
    const form = figure.querySelector(".nqp-controls");
    const says = figure.querySelector(".nqp-says");
    const tables = figure.querySelectorAll(".nqp-behind table");
    const views = {};
    const update = () => {
      const result = compute(data, read(form), form, figure);
      if (says.textContent !== result.says) says.textContent = result.says;
      result.tables.forEach((rows, n) => fill(tables[n], rows, result.heads?.[n]));
      for (const [name, datasets] of Object.entries(result.views)) {
        if (!views[name]) continue;
        for (const [key, rows] of Object.entries(datasets)) views[name].data(key, rows);
        views[name].runAsync();
      }
    };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => {
      const field = event.target;
      if (field.type === "range") show(field);
      if (figure.dataset.live === "playground" && field.type === "range") form.elements.region.value = "";
      if (field.name.startsWith("path-")) {
        for (const lever of data.levers.filter((one) => one.path === field.name.slice(5))) {
          form.elements[`lever-${lever.name}`].value = field.value;
          show(form.elements[`lever-${lever.name}`]);
        }
      }
      update();
    });
    const told = figure.querySelector(".nqp-told");
    for (const event of told ? ["focusin", "pointerover"] : []) {
      figure.addEventListener(event, ({ target }) => {
        const tile = target.closest(".nqp-tile");
        if (tile) told.textContent = tile.getAttribute("aria-label");
      });
    }
    form.addEventListener("reset", () => setTimeout(() => { [...form.elements].forEach(show); update(); }));
    form.reset(); // a browser may remember where sliders stood
    form.hidden = false;
    for (const view of figure.querySelectorAll(".nqp-view")) {
      const drawn = document.createElement("div");
      drawn.className = "nqp-drawn";
      drawn.setAttribute("role", "img");
      drawn.setAttribute("aria-label", view.dataset.what);
      view.append(drawn);
      try {
        const spec = JSON.parse(view.querySelector(".nqp-spec").textContent);
        views[view.dataset.view] = (await window.vegaEmbed(drawn, spec)).view;
        view.querySelector(".nqp-still").remove();
      } catch (error) {
        drawn.remove(); // the still drawing stays; sentence and table move without it
        console.error(error);
      }
    }
    update();
    figure.dataset.ready = "true";
  };
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-live]").forEach(start));
})();
