const charts = [];

/**
 * A plot. It is drawn when it comes into sight, and again when its size or the colours change.
 * draw gives ECharts' option.
 */
function plot(name, height, draw) {
  const host = el('div', {class: 'chart', role: 'img', 'aria-label': name});
  host.style.height = height + 'px';
  const chart = {host, draw, name, instance: null};
  charts.push(chart);
  new ResizeObserver(() => {
    if (!host.clientWidth) return;
    if (chart.instance) chart.instance.resize();
    else redraw(chart);
  }).observe(host);
  return host;
}

function redraw(chart) {
  if (!chart.host.clientWidth) return;
  chart.instance = chart.instance || echarts.init(chart.host, null, {renderer: 'canvas'});
  const ink = cssColor('--ink'), soft = cssColor('--soft'), line = cssColor('--line');
  const option = chart.draw({ink, soft, line, accent: cssColor('--accent'), weight: cssColor('--weight'),
    up: cssColor('--up'), down: cssColor('--down'), mark: cssColor('--mark'), width: chart.host.clientWidth});
  for (const axis of [option.xAxis, option.yAxis].flat()) {
    axis.axisLabel = {color: soft, ...axis.axisLabel};
    axis.nameTextStyle = {color: soft, ...axis.nameTextStyle};
    axis.splitLine = {lineStyle: {color: line}, ...axis.splitLine};
    axis.axisLine = {lineStyle: {color: line}, ...axis.axisLine};
  }
  chart.instance.setOption({animation: false, textStyle: {color: ink, fontFamily: 'inherit'},
    aria: {enabled: false}, ...option,
    legend: option.legend ? {textStyle: {color: ink}, inactiveColor: soft, type: 'scroll', pageTextStyle: {color: ink},
      pageIconColor: ink, top: 0, ...option.legend} : undefined,
    tooltip: {confine: true, backgroundColor: cssColor('--card'), borderColor: line, textStyle: {color: ink},
      ...option.tooltip}}, true);
}

const redrawAll = () => charts.forEach(chart => chart.instance && redraw(chart));

/** A tooltip made of text. */
function tip(head, ...lines) {
  return el('div', {class: 'tip'}, el('b', {}, head), lines.filter(Boolean).map(line => el('div', {}, line)));
}

const toPercent = v => isNumber(v) ? Math.round(v * 1e6) / 1e4 : null;
const percentAxis = name => ({type: 'value', name, min: 0, max: 100, axisLabel: {formatter: '{value} %'}});

/** Names on the side where they can be read, below where there are too many, with a zoom. */
function layout(names, width) {
  const rows = names.length <= 60;
  const category = {type: 'category', data: names.map((n, i) => i), inverse: rows, axisTick: {show: false},
    axisLabel: {formatter: i => shorten(names[i], rows ? (width < 600 ? 18 : 36) : 12), interval: rows ? 0 : 'auto',
      fontSize: 12}};
  return {rows, category, height: rows ? 90 + 30 * names.length : 480,
    axes: value => rows ? {xAxis: value, yAxis: category} : {xAxis: category, yAxis: value},
    zoom: rows ? [] : [{type: 'slider', bottom: 6, height: 22, labelFormatter: ''}, {type: 'inside'}],
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
      const cap = rows ? [0, 4] : [0, 0];
      const line = (x1, y1, x2, y2) => ({type: 'line', shape: {x1, y1, x2, y2}, style: {stroke: color, lineWidth: 1.5}});
      return {type: 'group', children: [line(...a, ...b),
        line(a[0] - cap[0], a[1] - cap[1], a[0] + cap[0], a[1] + cap[1]),
        line(b[0] - cap[0], b[1] - cap[1], b[0] + cap[0], b[1] + cap[1])]};
    }};
}

function layerPlot({label, model}) {
  const taps = model.taps.filter(isActivation);
  const weights = weightsByLayer(model);
  const names = [...new Set([...taps.map(tapName), ...weights.keys()])];
  const byName = new Map(taps.map(t => [tapName(t), t]));
  const shape = layout(names, 1000);
  const of = (name, read) => byName.has(name) ? toPercent(read(byName.get(name))) : null;
  return el('div', {class: 'card'}, el('h2', {}, label + ': sparsity by layer'),
      el('p', {class: 'note'}, 'Bars: zeros by elements over all counted runs. Whiskers: the least and the most sparse run. Diamonds: weights.'),
      plot(label + ': sparsity by layer', shape.height, c => {
        const {rows, axes, zoom, grid} = layout(names, c.width);
        return {...axes(percentAxis('')), grid, dataZoom: zoom, legend: {data: ['activations', weights.size && 'weights'].filter(Boolean)},
          tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}, formatter: at => {
            const name = names[at[0].dataIndex], tap = byName.get(name), held = weights.get(name);
            return tip(name, tap && 'activations ' + percent(tap.sparsity), tap && tap.perRun
                && 'runs ' + percent(tap.perRun.min) + ' to ' + percent(tap.perRun.max),
            held && 'weights ' + percent(held.zeros / held.elements));
          }},
          series: [
            {type: 'bar', name: 'activations', itemStyle: {color: c.accent}, barMaxWidth: 16,
              data: names.map(n => of(n, t => t.sparsity))},
            weights.size && {type: 'scatter', name: 'weights', symbol: 'diamond', symbolSize: 9, z: 6, itemStyle: {color: c.weight},
              data: names.map((n, i) => [i, weights.has(n) ? toPercent(weights.get(n).zeros / weights.get(n).elements) : null])
                  .map(([i, v]) => rows ? [v, i] : [i, v])},
            whiskers(rows, names.map(n => of(n, t => t.perRun && t.perRun.min)),
                names.map(n => of(n, t => t.perRun && t.perRun.max)), c.ink),
          ].filter(Boolean)};
      }));
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

function magnitudePlot({label, model}) {
  const taps = model.taps.filter(t => t.histogram && t.histogram.counts.length);
  if (!taps.length) return null;
  const name = t => tapName(t) + (isWeight(t) ? ' (weights)' : '');
  return el('div', {class: 'card'}, el('h2', {}, label + ': sparsity at any threshold'),
      el('p', {class: 'note'}, 'The share of elements below a threshold, zeros among them, by the histograms of magnitudes. The legend shows and hides tensors.'),
      plot(label + ': sparsity at any threshold', 460, () => ({
        grid: {left: 16, right: 30, top: 56, bottom: 40, containLabel: true},
        legend: {selected: Object.fromEntries(taps.map((t, i) => [name(t), i < 10]))},
        xAxis: {type: 'log', name: 'threshold', nameLocation: 'middle', nameGap: 28,
          axisLabel: {formatter: v => Number(v).toExponential(0)}},
        yAxis: percentAxis(''),
        tooltip: {trigger: 'item', formatter: at => tip(at.seriesName, 'threshold ' + Number(at.value[0].toPrecision(4)), percent(at.value[1] / 100))},
        series: taps.map(t => ({type: 'line', name: name(t), data: magnitudeCurve(t), symbolSize: 3, lineStyle: {width: 1.5}}))})));
}

/** Each layer's own threshold against the accuracy that it alone leaves. */
function searchPlot({label, result}) {
  const base = result.baselineAccuracy;
  const layers = result.layers.filter(l => l.thresholdAlone > 0);
  if (!layers.length) return null;
  return el('div', {class: 'card'}, el('h2', {}, label + ': threshold against accuracy, each ' + result.by + ' alone'),
      el('p', {class: 'note'}, 'The highest threshold of the grid that each ' + result.by + ' takes while all others stay dense, and the '
          + result.metric + ' it leaves (dense: ' + percent(base) + ', line). The darker, the sparser.'),
      plot(label + ': threshold against accuracy', 420, c => ({
        grid: {left: 16, right: 30, top: 30, bottom: 40, containLabel: true},
        xAxis: {type: 'log', name: 'threshold', nameLocation: 'middle', nameGap: 28, min: v => v.min / 2, max: v => v.max * 2,
          axisLabel: {formatter: v => Number(v).toPrecision(1).replace(/\.?0+e/, 'e')}},
        yAxis: {type: 'value', scale: true, name: result.metric, axisLabel: {formatter: '{value} %'}},
        tooltip: {trigger: 'item', formatter: at => {
          const l = layers[at.dataIndex];
          return l && at.componentType === 'series' ? tip(l.layer, 'threshold ' + l.thresholdAlone + ' (in force ' + l.threshold + ')',
              result.metric + ' alone ' + percent(l.accuracyAlone), 'sparsity in force ' + percent(l.sparsity)) : '';
        }},
        series: [{type: 'scatter', symbolSize: 15,
          data: layers.map(l => ({value: [l.thresholdAlone, toPercent(l.accuracyAlone)],
            itemStyle: {color: sparsityColor(l.sparsity), borderColor: c.soft, borderWidth: 1}})),
          markLine: {silent: true, symbol: 'none', lineStyle: {color: c.mark}, label: {formatter: 'dense', color: c.ink, position: 'insideEndTop'},
            data: [{yAxis: toPercent(base)}]}}]})));
}

function gainPlot({label, result}) {
  const names = result.layers.map(l => l.layer);
  const shape = layout(names, 1000);
  return el('div', {class: 'card'}, el('h2', {}, label + ': what the thresholds gain'),
      plot(label + ': what the thresholds gain', shape.height, c => {
        const {axes, zoom, grid} = layout(names, c.width);
        return {...axes(percentAxis('')), grid, dataZoom: zoom, legend: {},
          tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}, formatter: at => {
            const l = result.layers[at[0].dataIndex];
            return tip(l.layer, 'threshold ' + l.threshold, 'before ' + percent(l.denseSparsity), 'with it ' + percent(l.sparsity));
          }},
          series: [{type: 'bar', name: 'before', itemStyle: {color: c.soft}, barMaxWidth: 12, data: result.layers.map(l => toPercent(l.denseSparsity))},
            {type: 'bar', name: 'with thresholds', itemStyle: {color: c.accent}, barMaxWidth: 12, data: result.layers.map(l => toPercent(l.sparsity))}]};
      }));
}

/** Gradient sparsity over the steps: the paper's figures 3 to 7; loss and accuracy below. */
function seriesPlots(one) {
  const names = Object.keys(one.sparsity);
  const pairs = values => one.steps.map((step, i) => [step, toPercent(values[i])]);
  const line = (name, values, more) => ({type: 'line', name, data: values, showSymbol: false, sampling: 'lttb', ...more});
  const axis = {type: 'value', name: 'step', nameLocation: 'middle', nameGap: 28, min: 'dataMin', max: 'dataMax'};
  const zoom = [{type: 'slider', bottom: 6, height: 22, labelFormatter: ''}, {type: 'inside'}];
  const grid = {left: 16, right: 30, top: 56, bottom: 66, containLabel: true};
  const shown = at => tip('step ' + count(at[0].value[0]), ...at.slice(0, 20).map(a => shorten(a.seriesName, 40) + ' '
      + (a.seriesName === 'loss' ? String(a.value[1]) : percent(a.value[1] / 100))));
  const card = el('div', {class: 'card'}, el('h2', {}, one.label + ': sparsity of gradients by layer over training'),
      one.every > 1 ? el('p', {class: 'note'}, 'Every ' + one.every + '. of ' + count(one.counted) + ' counted steps is on this page.') : null,
      plot(one.label + ': sparsity of gradients', 480, c => ({
        xAxis: axis, yAxis: percentAxis(''), dataZoom: zoom, grid, legend: {},
        tooltip: {trigger: 'axis', formatter: shown},
        series: [...names.map(name => line(name, pairs(one.sparsity[name]), {lineStyle: {width: 1.2}})),
          line('all together', pairs(one.total), {lineStyle: {width: 1.6, color: c.ink}, itemStyle: {color: c.ink}})]})));
  const second = el('div', {class: 'card'}, el('h2', {}, one.label + ': loss and accuracy'),
      plot(one.label + ': loss and accuracy', 380, c => ({
        xAxis: axis, yAxis: [{type: 'value', name: 'loss', scale: true},
          {...percentAxis('accuracy'), splitLine: {show: false}}], dataZoom: zoom, grid, legend: {},
        tooltip: {trigger: 'axis', formatter: shown},
        series: [line('loss', one.steps.map((s, i) => [s, one.loss[i]]), {itemStyle: {color: c.weight}, lineStyle: {width: 1.2}}),
          line('accuracy', one.accuracySteps.map((s, i) => [s, toPercent(one.accuracy[i])]),
              {yAxisIndex: 1, showSymbol: true, itemStyle: {color: c.accent}, lineStyle: {width: 2}})]})));
  return [card, second];
}

/** The paper's figure 2: accuracy and gradient sparsity against the threshold on all gradients. */
function sweepPlot(sweeps) {
  const values = [...new Set(sweeps.flatMap(s => s.result.runs.map(run => run.value)))].sort((a, b) => a - b);
  const curve = (s, read) => values.map(v => {
    const run = s.result.runs.find(r => r.value === v);
    return run ? toPercent(read(run)) : null;
  });
  const name = s => sweeps.length > 1 ? s.label + ' ' : '';
  return el('div', {class: 'card'}, el('h2', {}, 'Accuracy and gradient sparsity against the threshold on all gradients'),
      el('p', {class: 'note'}, '0 is the run without threshold. Lines: final accuracy; dashed: share of zeros near the end of training.'),
      plot('Accuracy and gradient sparsity against the threshold', 420, c => ({
        grid: {left: 16, right: 30, top: 56, bottom: 40, containLabel: true}, legend: {},
        xAxis: {type: 'category', data: values.map(String), name: 'threshold', nameLocation: 'middle', nameGap: 28},
        yAxis: percentAxis(''),
        tooltip: {trigger: 'axis', formatter: at => tip('threshold ' + values[at[0].dataIndex],
            ...at.map(a => shorten(a.seriesName, 40) + ' ' + (isNumber(a.value) ? percent(a.value / 100) : '–')))},
        series: sweeps.flatMap((s, i) => {
          const color = d3.schemeTableau10[i % 10];
          return [{type: 'line', name: name(s) + 'accuracy', data: curve(s, r => r.accuracy), itemStyle: {color}, connectNulls: true},
            {type: 'line', name: name(s) + 'gradient sparsity', data: curve(s, r => r.gradientSparsity), itemStyle: {color},
              lineStyle: {type: 'dashed'}, connectNulls: true}];
        })})));
}

function showPlots(view) {
  for (const profile of data.profiles) {
    view.append(layerPlot(profile));
    const magnitudes = magnitudePlot(profile);
    if (magnitudes) view.append(magnitudes);
  }
  for (const search of data.searches) {
    const against = searchPlot(search);
    if (against) view.append(against);
    view.append(gainPlot(search));
  }
  if (data.sweeps.length) view.append(sweepPlot(data.sweeps));
  for (const one of data.series) view.append(...seriesPlots(one));
}
