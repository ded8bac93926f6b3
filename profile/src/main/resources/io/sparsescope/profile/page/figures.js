/*
 * What the plots show, as ECharts' options, for the page and for pictures in files alike. Nothing here asks for a
 * document, but for what a pointer is told when it points; and as Rhino draws the pictures there is no class, no const
 * in a loop's head or twice in a function, no spread in a call, no rest. A figure has
 *   kind: what it shows, in words that can name a file; of: the label of what it is of
 *   title, note: what stands above it; hint: what a page says besides; name: what it is called where there is one line
 *   height: in pixels; option: gives ECharts' option for colours, the width in pixels, whether it is printed, so that
 *     nobody points at it, and, on a page, whether it is drawn afresh (a page keeps the zoom otherwise); made: is given the new plot; still: nobody can point at it
 */

const toPercent = v => isNumber(v) ? Math.round(v * 1e6) / 1e4 : null;
const percentAxis = name => ({type: 'value', name, min: 0, max: 100, axisLabel: {formatter: '{value} %'}});
const slider = [{type: 'slider', bottom: 6, height: 22, labelFormatter: ''}, {type: 'inside'}];
/** Colours that are told apart. */
const PAIRS = ['#4e79a7', '#f28e2c', '#e15759', '#76b7b2', '#59a14f', '#edc949', '#af7aa1', '#ff9da7', '#9c755f', '#bab0ab'];

/** Colours of as many series: told apart while they are few, else from the first to the last as in a rainbow. */
function colors(n) {
  const rainbow = ['#4053b8', '#1f8fc4', '#1fa187', '#7fb52f', '#d9a520', '#e0662e', '#b8305a'];
  return n <= PAIRS.length ? PAIRS : [...new Array(n)].map((none, i) => echarts.color.lerp(i / (n - 1), rainbow));
}

/** An option with the colours and the manners that all plots have. */
function dressed(option, c) {
  [option.xAxis, option.yAxis].flat().forEach(axis => {
    axis.axisLabel = {color: c.soft, ...axis.axisLabel};
    axis.nameTextStyle = {color: c.soft, ...axis.nameTextStyle};
    axis.splitLine = {lineStyle: {color: c.line}, ...axis.splitLine};
    axis.axisLine = {lineStyle: {color: c.line}, ...axis.axisLine};
  });
  return {animation: false, textStyle: {color: c.ink, fontFamily: 'inherit'}, aria: {enabled: false}, ...option,
    legend: option.legend ? {textStyle: {color: c.ink}, inactiveColor: c.soft, type: 'scroll', pageTextStyle: {color: c.ink},
      pageIconColor: c.ink, top: 0, ...option.legend} : undefined,
    tooltip: {confine: true, backgroundColor: c.card, borderColor: c.line, textStyle: {color: c.ink}, ...option.tooltip}};
}

/** From the colour of no zeros to that of zeros alone. */
const shade = (value, c) => isNumber(value) ? echarts.color.lerp(value, [c.zero, c.full]) : c.card;

/** Names on the side where they can be read, below where there are too many, with a zoom. */
function layout(names, width, most = 60) {
  const rows = names.length <= most;
  const category = {type: 'category', data: names.map((n, i) => i), inverse: rows, axisTick: {show: false},
    axisLabel: {formatter: i => shorten(names[i], rows ? (width < 600 ? 18 : 36) : 12), interval: rows ? 0 : 'auto',
      fontSize: 12}};
  return {rows, category, height: rows ? 90 + 30 * names.length : 480,
    axes: value => rows ? {xAxis: value, yAxis: category} : {xAxis: category, yAxis: value},
    zoom: rows ? [] : slider,
    grid: {left: 8, right: 24, top: 48, bottom: rows ? 8 : 40, containLabel: true}};
}

/** Whiskers from the least to the most sparse run. */
function whiskers(rows, low, high, color) {
  return {type: 'custom', name: 'least to most over runs', silent: true, z: 5, itemStyle: {color},
    encode: rows ? {y: 0, x: [1, 2]} : {x: 0, y: [1, 2]},
    data: low.map((v, i) => [i, v, high[i]]),
    renderItem: (params, api) => {
      const from = Number(api.value(1)), to = Number(api.value(2));
      if (!Number.isFinite(from) || !Number.isFinite(to)) return null;
      const at = v => rows ? api.coord([v, api.value(0)]) : api.coord([api.value(0), v]);
      const [a, b] = [at(from), at(to)];
      const line = ([x1, y1], [x2, y2]) => ({type: 'line', shape: {x1, y1, x2, y2}, style: {stroke: color, lineWidth: 1.5}});
      const cap = ([x, y]) => rows ? line([x, y - 4], [x, y + 4]) : line([x, y], [x, y]);
      return {type: 'group', children: [line(a, b), cap(a), cap(b)]};
    }};
}

/** What the paper has for the layers of one of its nets: hollow marks, a series a kind and training. */
function paperMarks(paper, names, rows, c) {
  const groups = new Map();
  (paper ? paper.points : []).forEach(p => groups.set(paperName(p), [...(groups.get(paperName(p)) || []), p]));
  return [...groups].map(([name, all]) => {
    const [l2, other] = all[0].kind === 'weight' ? ['diamond', 'triangle'] : ['circle', 'rect'];
    return {type: 'scatter', name, symbol: all[0].label === 'L2' ? l2 : other, symbolSize: 10, z: 7,
      itemStyle: {color: c.card, borderColor: c.mark, borderWidth: 2, opacity: 1},
      data: all.filter(p => names.includes(p.layer)).map(p => [names.lastIndexOf(p.layer), toPercent(p.value)])
          .map(([i, v]) => rows ? [v, i] : [i, v])};
  });
}

const paperName = point => 'paper, ' + (point.kind === 'weight' ? 'weights ' : 'activations ') + point.label;
const paperNote = paper => paper ? 'Hollow marks: the paper, ' + paper.source + '. ' + paper.note : '';

/** Lines of a tooltip for a layer. */
const paperTip = (paper, layer) => (paper ? paper.points : []).filter(p => p.layer === layer)
    .map(p => paperName(p) + ' ' + percent(p.value));

/**
 * Sparsity by layer, and what the paper has where the model is one of its nets.
 * beside: what else there is of a tap: name, and of, which gives a tap's sparsity
 * most: how many layers are rows rather than columns
 */
function layerFigure({label, model, paper}, {beside = [], most} = {}) {
  const weights = weightsByLayer(model);
  const tapped = model.taps.filter(isActivation).map(tap => ({name: tapName(tap), tap}));
  const known = new Set(tapped.map(l => l.name));
  const layers = [...tapped, ...[...weights.keys()].filter(name => !known.has(name)).map(name => ({name, tap: null}))];
  const names = layers.map(l => l.name);
  const held = l => weights.has(l.name) ? weights.get(l.name).zeros / weights.get(l.name).elements : null;
  const diamonds = [weights.size && {name: 'weights', color: 'weight', of: held},
    ...beside.map(({name, of}) => ({name, color: 'mark', of: l => l.tap ? of(l.tap) : null}))].filter(Boolean);
  const title = label + ': sparsity by layer';
  return {kind: 'sparsity per layer', of: label, title, name: title,
    note: 'Bars: zeros by elements over all counted runs. Whiskers: the least and the most sparse run.'
        + (diamonds.length ? ' Diamonds: ' + diamonds.map(d => d.name).join(', ') + '.' : '')
        + (paper ? ' ' + paperNote(paper) : ''),
    height: layout(names, 1000, most).height,
    option: c => {
      const {rows, axes, zoom, grid} = layout(names, c.width, most);
      const marks = paperMarks(paper, names, rows, c);
      const run = key => layers.map(l => l.tap && l.tap.perRun ? toPercent(l.tap.perRun[key]) : null);
      const legend = ['activations', ...[...diamonds, ...marks].map(d => d.name)], alone = legend.length === 1;
      return {...axes(percentAxis('')), grid: alone ? {...grid, top: 20} : grid, dataZoom: zoom, legend: {show: !alone, data: legend},
        tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}, formatter: at => {
          const l = layers[at[0].dataIndex], tap = l.tap;
          return tip(l.name, [tap && 'activations ' + percent(tap.sparsity),
            tap && tap.perRun && 'runs ' + percent(tap.perRun.min) + ' to ' + percent(tap.perRun.max),
            ...diamonds.map(d => isNumber(d.of(l)) && d.name + ' ' + percent(d.of(l))), ...paperTip(paper, l.name)]);
        }},
        series: [
          {type: 'bar', name: 'activations', itemStyle: {color: c.accent}, barMaxWidth: 16,
            data: layers.map(l => l.tap ? toPercent(l.tap.sparsity) : null)},
          ...diamonds.map(d => ({type: 'scatter', name: d.name, symbol: 'diamond', symbolSize: 9, z: 6, itemStyle: {color: c[d.color]},
            data: layers.map((l, i) => rows ? [toPercent(d.of(l)), i] : [i, toPercent(d.of(l))])})),
          whiskers(rows, run('min'), run('max'), c.ink),
          ...marks,
        ]};
    }};
}

/** The share of a tensor's elements that each threshold makes zero, exact at every step of its histogram. */
function magnitudeCurve(tap) {
  const {first, counts} = tap.histogram;
  const lowest = step => 2 ** Math.floor(step / 8) * (1 + ((step % 8) + 8) % 8 / 8);
  let below = tap.zeros;
  const curve = [[lowest(first), toPercent(below / tap.elements)]];
  counts.forEach((n, i) => {
    below += n;
    const at = lowest(first + i + 1);
    if (Number.isFinite(at)) curve.push([at, toPercent(below / tap.elements)]);
  });
  return curve.filter(([at]) => at > 0);
}

function magnitudeFigure({label, model}) {
  const taps = model.taps.filter(t => t.histogram && t.histogram.counts.length);
  if (!taps.length) return null;
  const nameOf = t => tapName(t) + (isWeight(t) ? ' (weights)' : '');
  const title = label + ': sparsity at any threshold';
  return {kind: 'magnitudes', of: label, title, name: title,
    note: 'The share of elements below a threshold, zeros among them, by the histograms of magnitudes.',
    hint: 'The legend shows and hides tensors.',
    height: 460,
    option: () => ({
      color: colors(taps.length), grid: {left: 16, right: 30, top: 56, bottom: 40, containLabel: true},
      legend: {selected: Object.fromEntries(taps.map((t, i) => [nameOf(t), i < 10]))},
      xAxis: {type: 'log', name: 'threshold', nameLocation: 'middle', nameGap: 28,
        axisLabel: {formatter: v => Number(v).toExponential(0)}},
      yAxis: percentAxis(''),
      tooltip: {trigger: 'item', formatter: at => tip(at.seriesName, ['threshold ' + Number(at.value[0].toPrecision(4)), percent(at.value[1] / 100)])},
      series: taps.map(t => ({type: 'line', name: nameOf(t), data: magnitudeCurve(t), symbolSize: 3, lineStyle: {width: 1.5}}))})};
}

/** Each layer's own threshold against the accuracy that it alone leaves. */
function searchFigure({label, result}) {
  const base = result.baselineAccuracy;
  const layers = result.layers.filter(l => l.thresholdAlone > 0);
  if (!layers.length) return null;
  return {kind: 'threshold against accuracy', of: label, title: label + ': threshold against accuracy, each ' + result.by + ' alone',
    name: label + ': threshold against accuracy',
    note: 'The highest threshold of the grid that each ' + result.by + ' takes while all others stay dense, and the '
        + result.metric + ' it leaves (dense: ' + percent(base) + ', line). The darker, the sparser.',
    height: 420,
    option: c => ({
      grid: {left: 16, right: 30, top: 30, bottom: 40, containLabel: true},
      xAxis: {type: 'log', name: 'threshold', nameLocation: 'middle', nameGap: 28, min: v => v.min / 2, max: v => v.max * 2,
        axisLabel: {formatter: v => Number(v).toPrecision(1).replace(/\.?0+e/, 'e')}},
      yAxis: {type: 'value', scale: true, name: result.metric, axisLabel: {formatter: '{value} %'}},
      tooltip: {trigger: 'item', formatter: at => {
        const l = layers[at.dataIndex];
        return l && at.componentType === 'series' ? tip(l.layer, ['threshold ' + l.thresholdAlone + ' (in force ' + l.threshold + ')',
          result.metric + ' alone ' + percent(l.accuracyAlone), 'sparsity in force ' + percent(l.sparsity)]) : '';
      }},
      series: [{type: 'scatter', symbolSize: 15, labelLayout: {hideOverlap: true},
        label: {show: Boolean(c.printed), position: 'top', color: c.ink, formatter: at => shorten(layers[at.dataIndex].layer, 36)},
        data: layers.map(l => ({value: [l.thresholdAlone, toPercent(l.accuracyAlone)],
          itemStyle: {color: shade(l.sparsity, c), borderColor: c.soft, borderWidth: 1}})),
        markLine: {silent: true, symbol: 'none', lineStyle: {color: c.mark}, label: {formatter: 'dense', color: c.ink, position: 'insideEndTop'},
          data: [{yAxis: toPercent(base)}]}}]})};
}

function gainFigure({label, result, paper}) {
  const names = result.layers.map(l => l.layer);
  const title = label + ': what the thresholds gain';
  return {kind: 'gains', of: label, title, name: title, note: paperNote(paper), height: layout(names, 1000).height,
    option: c => {
      const {rows, axes, zoom, grid} = layout(names, c.width);
      return {...axes(percentAxis('')), grid, dataZoom: zoom, legend: {},
        tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}, formatter: at => {
          const l = result.layers[at[0].dataIndex];
          return tip(l.layer, ['threshold ' + l.threshold, 'before ' + percent(l.denseSparsity), 'with it ' + percent(l.sparsity),
            ...paperTip(paper, l.layer)]);
        }},
        series: [{type: 'bar', name: 'before', itemStyle: {color: c.soft}, barMaxWidth: 12, data: result.layers.map(l => toPercent(l.denseSparsity))},
          {type: 'bar', name: 'with thresholds', itemStyle: {color: c.accent}, barMaxWidth: 12, data: result.layers.map(l => toPercent(l.sparsity))},
          ...paperMarks(paper, names, rows, c)]};
    }};
}

/** What plots over the steps of a training have in common. */
const overSteps = {
  line: (name, values, more) => ({type: 'line', name, data: values, showSymbol: false, sampling: 'lttb', ...more}),
  axis: () => ({type: 'value', name: 'step', nameLocation: 'middle', nameGap: 28, min: 'dataMin', max: 'dataMax'}),
  grid: {left: 16, right: 30, top: 56, bottom: 66, containLabel: true},
  shown: at => tip('step ' + count(at[0].value[0]), at.slice(0, 20).map(a => shorten(a.seriesName, 40) + ' '
      + (a.seriesName === 'loss' ? String(a.value[1]) : percent(a.value[1] / 100)))),
};

/** Gradient sparsity over the steps: the paper's figures 3 to 7. */
function gradientFigure(one) {
  const {line, axis, grid, shown} = overSteps;
  const pairs = values => one.steps.map((step, i) => [step, toPercent(values[i])]);
  return {kind: 'gradient sparsity', of: one.label, title: one.label + ': sparsity of gradients by layer over training',
    name: one.label + ': sparsity of gradients',
    note: one.every > 1 ? 'Every ' + one.every + '. of ' + count(one.counted) + ' counted steps is shown.' : '',
    height: 480,
    option: c => ({
      color: colors(Object.keys(one.sparsity).length), xAxis: axis(), yAxis: percentAxis(''), dataZoom: slider, grid, legend: {},
      tooltip: {trigger: 'axis', formatter: shown},
      series: [...Object.keys(one.sparsity).map(name => line(name, pairs(one.sparsity[name]), {lineStyle: {width: 1.2}})),
        line('all together', pairs(one.total), {lineStyle: {width: 1.6, color: c.ink}, itemStyle: {color: c.ink}})]})};
}

function lossFigure(one) {
  const {line, axis, grid, shown} = overSteps;
  const title = one.label + ': loss and accuracy';
  return {kind: 'loss and accuracy', of: one.label, title, name: title, note: '', height: 380,
    option: c => ({
      xAxis: axis(), yAxis: [{type: 'value', name: 'loss', scale: true},
        {...percentAxis('accuracy'), splitLine: {show: false}}], dataZoom: slider, grid, legend: {},
      tooltip: {trigger: 'axis', formatter: shown},
      series: [line('loss', one.steps.map((s, i) => [s, one.loss[i]]), {itemStyle: {color: c.weight}, lineStyle: {width: 1.2}}),
        line('accuracy', one.accuracySteps.map((s, i) => [s, toPercent(one.accuracy[i])]),
            {yAxisIndex: 1, showSymbol: true, itemStyle: {color: c.accent}, lineStyle: {width: 2}})]})};
}

/**
 * Lines over the time of a service.
 * time: start and end of each stretch, in ms; lines: name, values (one for each stretch, null where there is none),
 * color and perhaps dash and width; shares: whether values are shares; axis: what the vertical axis has besides
 */
function timeFigure({name, height, time, lines, shares, axis}) {
  const known = v => v !== null && v !== undefined;
  const show = v => shares ? percent(v, 2) : rate(v);
  const drawn = line => {
    const values = line.values, color = line.color;
    const alone = values.map((v, i) => known(v) && !known(values[i - 1]) && !known(values[i + 1]));
    return overSteps.line(line.name, values.map((v, i) => [time.end[i], shares ? toPercent(v) : v]), {sampling: undefined,
      showSymbol: alone.includes(true), showAllSymbol: true, symbol: 'circle', symbolSize: (v, at) => alone[at.dataIndex] ? 5 : 0,
      itemStyle: {color}, lineStyle: {color, type: line.dash || 'solid', width: line.width || 1.6}});
  };
  return {kind: 'over time', of: '', title: name, name, note: '', height,
    option: c => ({
      grid: {left: 8, right: 20, top: lines.length > 1 ? 36 : 12, bottom: 8, containLabel: true},
      legend: {show: lines.length > 1, formatter: text => shorten(text, 36)},
      title: {show: !lines.some(line => line.values.some(known)), text: 'Nothing measured yet', left: 'center', top: 'middle',
        textStyle: {color: c.soft, fontSize: 14, fontWeight: 'normal'}},
      xAxis: {type: 'time', splitLine: {show: false}, splitNumber: c.width < 420 ? 2 : 5, axisLabel: {hideOverlap: true}},
      yAxis: {type: 'value', axisLabel: {formatter: shares ? '{value} %' : '{value}'}, ...axis},
      tooltip: {trigger: 'axis', formatter: at => {
        const i = at[0].dataIndex;
        return tip(stretch(time, i),
            lines.map(line => shorten(line.name, 40) + ' ' + show(line.values[i])));
      }},
      series: lines.map(drawn)})};
}

/** A line so small that it stands in a table. */
function trendFigure(values) {
  return {kind: 'trend', of: '', title: '', name: '', note: '', height: 24, still: true,
    option: c => ({
      grid: {left: 0, right: 0, top: 3, bottom: 3},
      xAxis: {type: 'value', show: false, min: 'dataMin', max: 'dataMax'}, yAxis: {type: 'value', show: false, scale: true},
      tooltip: {show: false},
      series: [overSteps.line('', values.map((v, i) => [i, v]), {silent: true, lineStyle: {width: 1.5, color: c.accent}})]})};
}

/** The paper's figure 2: accuracy and gradient sparsity against the threshold on all gradients. */
function sweepFigure(sweeps) {
  const relative = sweeps.every(s => s.result.runs.every(run => isNumber(run.relativeAccuracy)));
  const papers = relative ? sweeps.filter(s => s.paper.length) : [];
  const values = [...new Set([...sweeps.flatMap(s => s.result.runs.map(run => run.value)),
    ...papers.flatMap(s => s.paper.map(p => p.threshold))])].sort((a, b) => a - b);
  const curve = (s, read) => values.map(v => {
    const run = s.result.runs.find(r => r.value === v);
    return run ? toPercent(read(run)) : null;
  });
  const nameOf = s => sweeps.length > 1 ? s.label + ' ' : '';
  const color = s => PAIRS[sweeps.indexOf(s) % PAIRS.length];
  return {kind: 'figure 2', of: '', title: 'Accuracy and gradient sparsity against the threshold on all gradients',
    name: 'Accuracy and gradient sparsity against the threshold',
    note: '0 is the run without threshold. Lines: final accuracy' + (relative ? ', relative to that run' : '')
        + '; dashed: share of zeros near the end of training.' + (papers.length ? ' Hollow marks: accuracy in the paper.' : ''),
    height: 420,
    option: c => ({
      grid: {left: 16, right: 30, top: 56, bottom: 40, containLabel: true}, legend: {},
      xAxis: {type: 'category', data: values.map(String), name: 'threshold', nameLocation: 'middle', nameGap: 28},
      yAxis: {...percentAxis(''), max: v => Math.max(100, Math.ceil(v.max))},
      tooltip: {trigger: 'axis', formatter: at => tip('threshold ' + values[at[0].dataIndex],
          at.map(a => shorten(a.seriesName, 40) + ' ' + (isNumber(a.value) ? percent(a.value / 100) : '–')))},
      series: [...sweeps.flatMap(s => [
        {type: 'line', name: nameOf(s) + 'accuracy', data: curve(s, r => relative ? r.relativeAccuracy : r.accuracy),
          itemStyle: {color: color(s)}, connectNulls: true},
        {type: 'line', name: nameOf(s) + 'gradient sparsity', data: curve(s, r => r.gradientSparsity), itemStyle: {color: color(s)},
          lineStyle: {type: 'dashed'}, connectNulls: true}]),
      ...papers.map(s => ({type: 'scatter', name: nameOf(s) + 'accuracy in the paper', symbolSize: 12, z: 5,
        itemStyle: {color: c.card, borderColor: color(s), borderWidth: 2, opacity: 1},
        data: values.map(v => toPercent((s.paper.find(p => p.threshold === v) || {}).relativeAccuracy))}))]})};
}

/** Tensors of two profiles: name, kind, sparsity before and after, change and its size; how many only one has. */
function changes(a, b) {
  const called = t => t.kind + ' ' + tapName(t);
  const taken = [a, b].map(({model}) => model.taps.map(called)).flatMap(all => all.filter((name, i) => all.indexOf(name) !== i));
  const several = new Set(taken);
  const key = t => called(t) + (isWeight(t) || several.has(called(t)) ? ' ' + t.tensor : '');
  const before = new Map(a.model.taps.map(t => [key(t), t]));
  const rows = [];
  let without = 0;
  b.model.taps.forEach(tap => {
    const old = before.get(key(tap));
    before.delete(key(tap));
    if (!old) {
      without++;
      return;
    }
    const both = isNumber(old.sparsity) && isNumber(tap.sparsity);
    rows.push([tapName(tap), tap.kind, old.sparsity, tap.sparsity, both ? tap.sparsity - old.sparsity : null,
      both ? Math.abs(tap.sparsity - old.sparsity) : null]);
  });
  return {rows, without: without + before.size};
}

/** What moved most between two profiles; null if nothing did. */
function changeFigure(a, b) {
  const moved = changes(a, b).rows.filter(r => r[5]).sort((x, y) => y[5] - x[5]).slice(0, 40);
  if (!moved.length) return null;
  return {kind: 'changes', of: a.label + ' to ' + b.label, title: 'What moved most from ' + a.label + ' to ' + b.label,
    name: 'What moved most', note: '',
    height: 90 + 26 * moved.length,
    option: c => ({
      grid: {left: 8, right: 40, top: 20, bottom: 8, containLabel: true},
      xAxis: {type: 'value', axisLabel: {formatter: '{value} pts', hideOverlap: true}},
      yAxis: {type: 'category', inverse: true, data: moved.map((r, i) => i), axisTick: {show: false},
        axisLabel: {formatter: i => shorten(moved[i][0], c.width < 600 ? 18 : 36) + (moved[i][1] === 'weight' ? ' (w)' : ''), interval: 0}},
      tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}, formatter: at => {
        const r = moved[at[0].dataIndex];
        return tip(r[0], [r[1], percent(r[2]) + ' → ' + percent(r[3]), points(r[4]) + ' points']);
      }},
      series: [{type: 'bar', barMaxWidth: 16, data: moved.map(r => ({value: Math.round(r[4] * 1e4) / 100,
        itemStyle: {color: r[4] > 0 ? c.up : c.down}}))}]})};
}

/** The figures of all files, as the page's plots stand one below the other. */
function figures({profiles, searches, sweeps, series}) {
  return [...profiles.flatMap(p => [layerFigure(p), magnitudeFigure(p)]),
    ...searches.flatMap(s => [searchFigure(s), gainFigure(s)]),
    sweeps.length ? sweepFigure(sweeps) : null,
    ...series.flatMap(one => [gradientFigure(one), lossFigure(one)])].filter(Boolean);
}
